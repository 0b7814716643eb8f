/** One realtime connection under way: does what its machine asks for. */

import * as core from "#core";
import { failure, type HostTransport } from "#host/host.ts";
import { callCore } from "../core/call-core.ts";
import { readRows } from "../core/memory.ts";
import {
  FailureKind,
  OperationKind,
  REALTIME_EFFECT_FIELDS,
  RealtimeEffectKind,
  RealtimeEventKind,
  type Dropped,
  type RealtimeEffect,
} from "../core/wire.ts";
import { openOperation, type Patience } from "../driver/open.ts";
import { LONGEST_TIMER, now } from "../driver/operation.ts";
import { FalError, OperationError } from "../errors/errors.ts";
import { decodeMessage, kindOf, sizeOf, type Data } from "./message.ts";
import type { RealtimeSettings } from "./realtime.ts";
import { openWebSocket } from "./websocket.ts";
import { tokenFor } from "./token.ts";

/** Why a message was never sent, by the numbers of `Dropped`. */
const DROPPED = ["superseded", "outbox_full", "connection_lost", "closed"] as const;
/** Close code of a connection that could not be made. */
const LOST = 1006;
/** Status of a handshake that will fail the same way each time. */
const NEVER = 400;

/** What a connection is like, and where it goes. */
export interface ConnectionSettings extends RealtimeSettings {
  transport: HostTransport;
  retry: Patience;
  app: string;
}

/** A message that waits. */
interface Waiting {
  data: Data;
  input: unknown;
}

export type Connection = ReturnType<typeof openConnection>;

/** An error in an app's own code is the app's: it surfaces like one in a listener, and nothing here stops for it. */
function call(work: () => void) {
  try {
    work();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Opens a connection. It ends by itself when there is nothing left to do. */
export function openConnection(settings: ConnectionSettings, handler: any, onOver: (isRefused: boolean) => void) {
  const { transport, endpoint, query, app } = settings;
  /** What waits to be sent, the oldest first. */
  const outbox: Waiting[] = [];
  /** What is under way, and how to stop it. */
  const underWay = new Map<number, () => void>();
  let socket: any;
  /** The token issued last; used once. */
  let ticket = "";
  /** What is known of what went wrong last. */
  let trouble: any = {};
  /** Messages are decoded and delivered one after the other. */
  let inbox = Promise.resolve();
  let left = false;
  /** Whether the last failure is one that another attempt does not change. */
  let isRefused = false;
  let over = false;
  /** What happened and is not told yet: a callback may send or close while something is being told. */
  const events: [kind: RealtimeEventKind, token: number, value: number, message?: Waiting][] = [];
  let busy = false;

  const { needsToken, throttle, messages, bytes, idle } = settings;
  const options = { operation: OperationKind.Connect, needsToken, throttle, messages, bytes, idle };
  const { state } = callCore(() => openOperation(options, settings.retry));

  const handle = (kind: RealtimeEventKind, token: number, value: number, message?: Waiting) => {
    // Not before: what waits is what the machine has been told of.
    if (message) outbox.push(message);
    const effects = callCore(() => {
      state.enter();
      const count = core.handleRealtime(kind, token, value, now(), socket?.bufferedAmount ?? 0);
      return readRows<RealtimeEffect>(count, REALTIME_EFFECT_FIELDS);
    });
    for (const effect of effects) if (!over) perform(effect);
  };

  const tell = (kind: RealtimeEventKind, token = 0, value = 0, message?: Waiting) => {
    events.push([kind, token, value, message]);
    advance();
  };

  const advance = () => {
    if (busy || over) return;
    busy = true;
    try {
      for (let next; !over && (next = events.shift());) handle(...next);
    } catch (error) {
      // The core is lost, and the connection with it.
      if (!over) {
        end();
        report(error);
      }
    }
    busy = false;
  };

  const end = () => {
    over = true;
    for (const stop of underWay.values()) stop();
    underWay.clear();
    onOver(isRefused);
  };

  const stop = (token: number) => {
    underWay.get(token)?.();
    underWay.delete(token);
  };

  const issueToken = (token: number) => {
    const abort = new AbortController();
    underWay.set(token, () => abort.abort());
    const { tokenProvider } = handler;
    tokenFor(transport, { tokenProvider, endpoint, seconds: settings.seconds }, abort.signal)
      .then((issued: string) => {
        ticket = issued;
        if (underWay.delete(token)) tell(RealtimeEventKind.TokenIssued, token);
      })
      .catch((cause: any) => {
        if (!underWay.delete(token)) return;
        trouble = cause instanceof FalError ? { error: cause } : { cause };
        tell(RealtimeEventKind.TokenDenied, token, Number(cause?.retryable === true));
      });
  };

  const connect = (token: number) => {
    const parts = [query, ticket && `fal_jwt_token=${encodeURIComponent(ticket)}`].filter(Boolean);
    ticket = "";
    const closed = (code: number) => {
      socket = undefined;
      if (underWay.delete(token)) tell(RealtimeEventKind.Closed, token, code);
    };
    const shut = openWebSocket(
      { transport, app, endpoint, query: parts.length ? `?${parts.join("&")}` : "" },
      {
        opened(own: any) {
          socket = own;
          tell(RealtimeEventKind.Opened, token);
          call(() => handler.onOpen?.());
        },
        heard: (data: unknown) => receive(token, data),
        closed(code: number, reason?: string) {
          trouble = { status: code, body: reason ? { detail: reason } : undefined };
          closed(code);
        },
        failed(error: any) {
          const { status, body } = error;
          const known = error instanceof OperationError && failure(error.kind, { ...error, endpoint: app });
          trouble = known ? { error: known } : { status, body, cause: error };
          closed(known ? NEVER : (status ?? LOST));
        },
      },
    );
    underWay.set(token, () => {
      socket = undefined;
      shut();
    });
  };

  const receive = (token: number, data: unknown) => {
    inbox = inbox.then(async () => {
      if (left) return;
      let message: any;
      try {
        message = await decodeMessage(handler, data as never);
      } catch (cause) {
        // What a parser says quotes the message, which may echo a prompt: it is the cause.
        const body = { detail: "A message could not be decoded; `cause` says why" };
        if (!left) report(failure(FailureKind.Http, { status: 400, cause, body, endpoint: app }));
        return;
      }
      if (!left) deliver(token, message);
    });
  };

  const deliver = (token: number, message: any) => {
    const kind = kindOf(message);
    if (kind === "end") return tell(RealtimeEventKind.SessionEnded, token);
    if (kind === "unauthorized") {
      trouble = { status: 401, body: message };
      return tell(RealtimeEventKind.Unauthorized, token);
    }
    isRefused = false;
    tell(RealtimeEventKind.Received, token);
    if (kind === "result") call(() => handler.onResult?.(message));
    if (kind !== "error") return;
    const detail = [message.error, message.reason].filter(Boolean).join(": ") || undefined;
    report(failure(FailureKind.Http, { status: 400, body: { detail, ...message }, endpoint: app }));
  };

  const report = (error: unknown) => call(() => handler.onError?.(error));

  const drop = (message: Waiting | undefined, why: Dropped) =>
    call(() => handler.onDrop?.(message?.input, DROPPED[why]));

  const sendNext = (token: number) => {
    const { data } = outbox[0] as Waiting;
    try {
      socket?.send(data);
    } catch (cause) {
      // A socket that belongs to another request of a worker, or is broken. The message waits for the next one.
      trouble = { cause };
      stop(token);
      events.unshift([RealtimeEventKind.Closed, token, LOST]);
      return;
    }
    outbox.shift();
    events.unshift([RealtimeEventKind.Written, 0, sizeOf(data)]);
  };

  const fail = (kind: FailureKind, attempts: number) => {
    const { error, ...facts } = trouble;
    const own = kind === FailureKind.TokenUnavailable || kind === FailureKind.Http ? error : undefined;
    const said: FalError = own ?? failure(kind, { ...facts, attempts, endpoint: app });
    isRefused = !said.retryable;
    report(said);
  };

  const perform = (effect: RealtimeEffect) => {
    switch (effect.kind) {
      case RealtimeEffectKind.IssueToken:
        return issueToken(effect.token);
      case RealtimeEffectKind.Open:
        return connect(effect.token);
      case RealtimeEffectKind.Close:
      case RealtimeEffectKind.Cancel:
        return stop(effect.token);
      case RealtimeEffectKind.SendNext:
        return sendNext(effect.token);
      case RealtimeEffectKind.DropOldest:
        return drop(outbox.shift(), effect.why);
      case RealtimeEffectKind.DropNewest:
        return drop(outbox.pop(), effect.why);
      case RealtimeEffectKind.DropAll:
        return outbox.splice(0).forEach((message) => drop(message, effect.why));
      case RealtimeEffectKind.Sleep: {
        const { token, duration } = effect;
        const fire = () => underWay.delete(token) && tell(RealtimeEventKind.TimerFired, token);
        const timer = setTimeout(fire, Math.min(duration, LONGEST_TIMER));
        return underWay.set(token, () => clearTimeout(timer));
      }
      case RealtimeEffectKind.Failed:
        return fail(effect.failure, effect.attempts);
      case RealtimeEffectKind.Done:
        return end();
    }
  };

  return {
    /** Another handler takes over: the one connected last hears. */
    adopt: (next: unknown) => void (handler = next),
    send(data: Data, input: unknown) {
      tell(RealtimeEventKind.Queued, 0, sizeOf(data), { data, input });
    },
    close() {
      left = true;
      tell(RealtimeEventKind.Left);
    },
  };
}
