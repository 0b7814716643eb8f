/** One realtime connection under way: does what its machine asks for. */

import * as core from "#core";
import { failure, type HostTransport } from "#host/host.ts";
import { openWebSocket } from "#host/websocket.ts";
import type { CoreOptions } from "../core/memory.ts";
import {
  FailureKind,
  OperationKind,
  REALTIME_EFFECT_FIELDS,
  RealtimeEffectKind,
  RealtimeEventKind,
  type Dropped,
  type RealtimeEffect,
} from "../core/wire.ts";
import { now, openMachine } from "../driver/machine.ts";
import { FalError, OperationError } from "../errors/errors.ts";
import { decodeMessage, kindOf, sizeOf, type Data } from "./message.ts";
import type { RealtimeSettings } from "./realtime.ts";
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
  retry: CoreOptions;
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
  const options = { ...settings.retry, ...settings, operation: OperationKind.Connect };
  const { underWay, take, tell, advance, sleep, end } = openMachine<RealtimeEffect>(options, REALTIME_EFFECT_FIELDS, {
    perform: (effect) => perform(effect),
    lost(error) {
      if (!over()) report(error);
    },
  });

  /** Returns whether it was over before. */
  const over = () => {
    const wasOver = end();
    if (!wasOver) onOver(isRefused);
    return wasOver;
  };

  const handle = (kind: RealtimeEventKind, token = 0, value = 0) =>
    advance(() => core.handleRealtime(kind, token, value, now(), socket?.bufferedAmount ?? 0));

  const happened = (...event: [kind: RealtimeEventKind, token?: number, value?: number]) =>
    tell(() => handle(...event));

  const issueToken = (token: number) => {
    const abort = new AbortController();
    underWay.set(token, { stop: () => abort.abort() });
    const { tokenProvider } = handler;
    tokenFor(transport, { tokenProvider, endpoint, seconds: settings.seconds }, abort.signal)
      .then((issued: string) => {
        ticket = issued;
        if (take(token)) happened(RealtimeEventKind.TokenIssued, token);
      })
      .catch((cause: any) => {
        if (!take(token)) return;
        trouble = cause instanceof FalError ? { error: cause } : { cause };
        happened(RealtimeEventKind.TokenDenied, token, Number(cause?.retryable === true));
      });
  };

  const connect = (token: number) => {
    const parts = [query, ticket && `fal_jwt_token=${encodeURIComponent(ticket)}`].filter(Boolean);
    ticket = "";
    const closed = (code: number) => {
      socket = undefined;
      if (take(token)) happened(RealtimeEventKind.Closed, token, code);
    };
    const shut = openWebSocket(
      { transport, app, endpoint, query: parts.length ? `?${parts.join("&")}` : "" },
      {
        opened(own: any) {
          socket = own;
          happened(RealtimeEventKind.Opened, token);
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
    underWay.set(token, {
      stop() {
        socket = undefined;
        shut();
      },
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
    if (kind === "end") return happened(RealtimeEventKind.SessionEnded, token);
    if (kind === "unauthorized") {
      trouble = { status: 401, body: message };
      return happened(RealtimeEventKind.Unauthorized, token);
    }
    isRefused = false;
    happened(RealtimeEventKind.Received, token);
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
      take(token)?.stop();
      tell(() => handle(RealtimeEventKind.Closed, token, LOST), true);
      return;
    }
    outbox.shift();
    tell(() => handle(RealtimeEventKind.Written, 0, sizeOf(data)), true);
  };

  const fail = (kind: FailureKind, attempts: number) => {
    const { error, ...facts } = trouble;
    const own = kind === FailureKind.TokenUnavailable || kind === FailureKind.Http ? error : undefined;
    const said: FalError = own ?? failure(kind, { ...facts, attempts, endpoint: app });
    isRefused = !said.retryable;
    report(said);
  };

  const perform = (effect: RealtimeEffect): unknown => {
    switch (effect.kind) {
      case RealtimeEffectKind.IssueToken:
        return issueToken(effect.token);
      case RealtimeEffectKind.Open:
        return connect(effect.token);
      case RealtimeEffectKind.Close:
      case RealtimeEffectKind.Cancel:
        return take(effect.token)?.stop();
      case RealtimeEffectKind.SendNext:
        return sendNext(effect.token);
      case RealtimeEffectKind.DropOldest:
        return drop(outbox.shift(), effect.why);
      case RealtimeEffectKind.DropNewest:
        return drop(outbox.pop(), effect.why);
      case RealtimeEffectKind.DropAll:
        return outbox.splice(0).forEach((message) => drop(message, effect.why));
      case RealtimeEffectKind.Sleep:
        return sleep(effect, () => handle(RealtimeEventKind.TimerFired, effect.token));
      case RealtimeEffectKind.Failed:
        return fail(effect.failure, effect.attempts);
      case RealtimeEffectKind.Done:
        return over();
    }
  };

  return {
    /** Another handler takes over: the one connected last hears. */
    adopt: (next: unknown) => void (handler = next),
    send(data: Data, input: unknown) {
      tell(() => {
        // Not before: what waits is what the machine has been told of.
        outbox.push({ data, input });
        handle(RealtimeEventKind.Queued, 0, sizeOf(data));
      });
    },
    close() {
      left = true;
      happened(RealtimeEventKind.Left);
    },
  };
}
