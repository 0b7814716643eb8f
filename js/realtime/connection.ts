/** One realtime connection under way: does what its machine asks for. */

import * as core from "#core";
import { failure, type HostTransport } from "#host/host.ts";
import { openWebSocket } from "#host/websocket.ts";
import type { CoreOptions } from "../core/memory.ts";
import {
  ConnectionState,
  FailureKind,
  OperationKind,
  REALTIME_EFFECT_FIELDS,
  RealtimeEffectKind,
  RealtimeEventKind,
  type Dropped,
  type FailedRealtimeEffect,
  type RealtimeEffect,
} from "../core/wire.ts";
import { now, openMachine, type Performers } from "../driver/machine.ts";
import { FalError, OperationError, type ErrorFacts } from "../errors/errors.ts";
import { decodeMessage, kindOf, sizeOf, type Data } from "./message.ts";
import type { RealtimeSettings } from "./realtime.ts";
import type { RealtimeConnectionHandler } from "./types.ts";
import { tokenFor } from "./token.ts";

/** Why a message was never sent, by the numbers of `Dropped`. */
const DROPPED = ["superseded", "outbox_full", "connection_lost", "closed"];
/** How a connection is doing, by the numbers of `ConnectionState`: fal's own words. */
const STATES = "opening live failed closed".split(" ");
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

/** Who hears: whoever connected last with a key, also while no socket is open. */
export interface Line {
  handler: any;
  connection?: Connection | undefined;
  /** Whether a socket is open, or on its way. */
  isOn?: boolean;
}

export type Connection = ReturnType<typeof openConnection>;

/** Opens the connection of a line, and takes it off when there is nothing left to do. */
export function openConnection(settings: ConnectionSettings, line: Line) {
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
  const options = { ...settings.retry, ...settings, operation: OperationKind.Connect };
  const { underWay, take, tell, advance, sleep, end } = openMachine<RealtimeEffect>(options, REALTIME_EFFECT_FIELDS, {
    performers: () => performers,
    lost(error) {
      changed(ConnectionState.Failed, true);
      report(error);
    },
  });

  /**
   * Calls the caller back. An error in an app's own code is the app's: it surfaces like one in a listener, and nothing
   * here stops for it.
   */
  const hear = (name: keyof RealtimeConnectionHandler, ...facts: unknown[]) => {
    try {
      line.handler[name]?.(...facts);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };

  const changed = (state: ConnectionState, isOver = state === ConnectionState.Closed) => {
    line.isOn = state < ConnectionState.Failed;
    if (isOver) {
      end();
      line.connection = undefined;
    }
    if (state === ConnectionState.Live) hear("onOpen");
    hear("onStateChange", STATES[state]);
  };

  const handle = (kind: RealtimeEventKind, token = 0, value = 0) =>
    advance(() => core.handleRealtime(kind, token, value, now(), socket?.bufferedAmount ?? 0));

  const happened = (...event: [kind: RealtimeEventKind, token?: number, value?: number]) =>
    tell(() => handle(...event));

  const issueToken = ({ token }: { token: number }) => {
    const abort = new AbortController();
    underWay.set(token, { stop: () => abort.abort() });
    const { tokenProvider } = line.handler;
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

  const connect = ({ token }: { token: number }) => {
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
        },
        heard: (data: unknown) => receive(token, data),
        closed(code: number, reason?: string) {
          trouble = { status: code, body: reason ? { detail: reason } : undefined };
          closed(code);
        },
        failed(error: any) {
          const { status, body } = error;
          const known = error instanceof OperationError && explain(error.kind, error);
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
        message = await decodeMessage(line.handler, data as never);
      } catch (cause) {
        // What a parser says quotes the message, which may echo a prompt: it is the cause.
        const body = { detail: "A message could not be decoded; `cause` says why" };
        if (!left) report(explain(FailureKind.Http, { status: 400, cause, body }));
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
    happened(RealtimeEventKind.Received, token);
    if (kind === "result") hear("onResult", message);
    if (kind !== "error") return;
    const detail = [message.error, message.reason].filter(Boolean).join(": ") || undefined;
    report(explain(FailureKind.Http, { status: 400, body: { detail, ...message } }));
  };

  const explain = (kind: FailureKind, facts: ErrorFacts) => failure(kind, { ...facts, endpoint: app });

  const report = (error: unknown) => hear("onError", error);

  const drop = (message: Waiting | undefined, why: Dropped) => hear("onDrop", message?.input, DROPPED[why]);

  const sendNext = ({ token }: { token: number }) => {
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

  const fail = ({ failure: kind, attempts }: FailedRealtimeEffect) => {
    const { error, ...facts } = trouble;
    const own = kind === FailureKind.TokenUnavailable || kind === FailureKind.Http ? error : undefined;
    report(own ?? explain(kind, { ...facts, attempts }));
  };

  const performers: Performers<RealtimeEffect> = {
    [RealtimeEffectKind.IssueToken]: issueToken,
    [RealtimeEffectKind.Open]: connect,
    [RealtimeEffectKind.Cancel]: ({ token }) => take(token)?.stop(),
    [RealtimeEffectKind.SendNext]: sendNext,
    [RealtimeEffectKind.DropOldest]: ({ why }) => drop(outbox.shift(), why),
    [RealtimeEffectKind.DropNewest]: ({ why }) => drop(outbox.pop(), why),
    [RealtimeEffectKind.DropAll]: ({ why }) => outbox.splice(0).forEach((message) => drop(message, why)),
    [RealtimeEffectKind.Sleep]: (effect) => sleep(effect, () => handle(RealtimeEventKind.TimerFired, effect.token)),
    [RealtimeEffectKind.Failed]: fail,
    [RealtimeEffectKind.Changed]: ({ state }) => changed(state),
  };

  return {
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
