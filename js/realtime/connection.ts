/** One realtime connection under way: the hands of its machine. */

import {
  CLOSED,
  CONNECT,
  DENIED,
  ENDED,
  HTTP,
  LEFT,
  MINTED,
  OPENED,
  RECEIVED,
  SENT,
  TOKEN_UNAVAILABLE,
  UNAUTHORIZED,
  WOKE,
} from "../core/codes.ts";
import { now } from "../driver/operation.ts";
import { handsOf } from "../driver/hands.ts";
import { openTask } from "../driver/open.ts";
import { callCore, pending } from "../core/call-core.ts";
import { FalError, OperationError } from "../errors/errors.ts";
import { failure } from "#host/host.ts";
import { decodeMessage, kindOf, sizeOf } from "./message.ts";
import { openWebSocket } from "./websocket.ts";
import { tokenFor } from "./token.ts";

/** @typedef {ReturnType<typeof openConnection>} Line */

/** Why a message was never sent, by the numbers of `Dropped`. */
const DROPPED = /** @type {const} */ ["superseded", "outbox_full", "connection_lost", "closed"];
/** Close code of a connection that could not be made. */
const LOST = 1006;
/** Status of a handshake that will fail the same way each time. */
const NEVER = 400;

/** An error in an app's own code is the app's: it surfaces like one in a listener, and nothing here stops for it. @param {() => void} work */
function call(work) {
  try {
    work();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/**
 * Opens a connection. It ends by itself when there is nothing left to do.
 *
 * @param {{ transport: import("#host/host.ts").Transport, retry: import("../driver/open.ts").Patience, app: string, endpoint: string, query: string,
 *   needsToken: boolean, seconds: number, throttle: number, frames: number, bytes: number }} settings
 * @param {any} handler
 * @param {() => void} onOver
 */
export function openConnection(settings, handler, onOver) {
  const { transport, endpoint, query, app } = settings;
  /** What waits to be sent, by number. @type {Map<number, { data: import("./message.ts").Data, input: unknown }>} */
  const frames = new Map();
  let count = 0;
  /** What is under way, and how to stop it. @type {Map<number, () => void>} */
  const underWay = new Map();
  /** @type {any} */
  let socket;
  /** The token minted last; used once. */
  let ticket = "";
  /** What is known of what went wrong last. @type {{ error?: FalError } & import("../errors/errors.ts").ErrorFacts} */
  let trouble = {};
  /** Messages are decoded and delivered one after the other. */
  let inbox = Promise.resolve();
  let left = false;
  let over = false;

  /** What happened and is not told yet: a callback may send or close while something is being told. @type {number[][]} */
  const events = [];
  let busy = false;
  /** @type {[what: number, token: number, value: number][]} */
  const acts = [];

  const tell = (/** @type {number} */ what, token = 0, value = 0) => {
    events.push([what, token, value]);
    if (busy || over) return;
    busy = true;
    try {
      for (let next; !over && (next = events.shift());) {
        const [what, token, value] = next;
        callCore(() => {
          hands.numbers = [socket?.bufferedAmount ?? 0];
          task.tell(hands, now(), what, token, value, "");
        });
        for (const [act, token, value] of acts.splice(0)) ACTS[act](token, value);
      }
      if (over) task.free();
    } catch (error) {
      lose(error);
    }
    busy = false;
  };

  const end = () => {
    over = true;
    pending.delete(lose);
    for (const stop of underWay.values()) stop();
    underWay.clear();
    onOver();
  };
  /** The core is lost, and the task with it. @param {unknown} error */
  const lose = (error) => {
    if (over) return;
    end();
    call(() => handler.onError?.(error));
  };

  const mint = (/** @type {number} */ token) => {
    const abort = new AbortController();
    underWay.set(token, () => abort.abort());
    const minted = (/** @type {string} */ text) => {
      ticket = text;
      if (underWay.delete(token)) tell(MINTED, token);
    };
    const { tokenProvider } = handler;
    tokenFor(transport, { tokenProvider, endpoint, seconds: settings.seconds }, abort.signal)
      .then(minted)
      .catch((cause) => {
        if (!underWay.delete(token)) return;
        trouble = cause instanceof FalError ? { error: cause } : { cause };
        tell(DENIED, token, Number(cause?.retryable === true));
      });
  };

  const connect = (/** @type {number} */ token) => {
    const parts = [query, ticket && `fal_jwt_token=${encodeURIComponent(ticket)}`].filter(Boolean);
    ticket = "";
    const closed = (/** @type {number} */ code) => {
      socket = undefined;
      if (underWay.delete(token)) tell(CLOSED, token, code);
    };
    const shut = openWebSocket(
      { transport, app, endpoint, query: parts.length ? `?${parts.join("&")}` : "" },
      {
        opened(own) {
          socket = own;
          tell(OPENED, token);
        },
        heard: (data) => receive(token, data),
        closed(code, reason) {
          trouble = { status: code, body: reason ? { detail: reason } : undefined };
          closed(code);
        },
        failed(error) {
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

  const receive = (/** @type {number} */ token, /** @type {unknown} */ data) => {
    inbox = inbox.then(async () => {
      if (left) return;
      /** @type {any} */
      let message;
      try {
        message = await decodeMessage(handler, data);
      } catch (cause) {
        return left
          ? undefined
          : report(
              failure(HTTP, {
                status: 400,
                cause,
                // What a parser says quotes the message, which may echo a prompt: it is the cause.
                body: { detail: "A message could not be decoded; `cause` says why" },
                endpoint: app,
              }),
            );
      }
      if (!left) deliver(token, message);
    });
  };

  const deliver = (/** @type {number} */ token, /** @type {any} */ message) => {
    const kind = kindOf(message);
    if (kind === "end") return tell(ENDED, token);
    if (kind === "unauthorized") {
      trouble = { status: 401, body: message };
      return tell(UNAUTHORIZED, token);
    }
    tell(RECEIVED, token);
    if (kind === "result") call(() => handler.onResult?.(message));
    if (kind !== "error") return;
    const detail = [message.error, message.reason].filter(Boolean).join(": ") || undefined;
    report(failure(HTTP, { status: 400, body: { detail, ...message }, endpoint: app }));
  };

  const report = (/** @type {unknown} */ error) => call(() => handler.onError?.(error));

  /** What the machine asks for, at the places of the numbers of `Effect`. @type {((token: number, value: number) => void)[]} */
  const ACTS = [
    mint,
    connect,
    (token) => stop(token),
    (_, frame) => {
      const { data } = /** @type {any} */ frames.get(frame);
      frames.delete(frame);
      socket?.send(data);
    },
    (frame, why) => {
      const input = frames.get(frame)?.input;
      frames.delete(frame);
      call(() => handler.onDrop?.(input, DROPPED[why]));
    },
    (token, ms) => {
      const timer = setTimeout(() => underWay.delete(token) && tell(WOKE, token), ms);
      underWay.set(token, () => clearTimeout(timer));
    },
    (token) => stop(token),
    (attempts, kind) => {
      const { error, ...facts } = trouble;
      const own = kind === TOKEN_UNAVAILABLE || kind === HTTP ? error : undefined;
      report(own ?? failure(kind, { ...facts, attempts, endpoint: app }));
    },
    end,
  ];
  const stop = (/** @type {number} */ token) => {
    underWay.get(token)?.();
    underWay.delete(token);
  };

  // What the machine asks for is done when it has said everything.
  const hands = handsOf(ACTS.map((_, act) => (token, __, ___, value) => void acts.push([act, token, value])));
  const { retry, needsToken, throttle, frames: most, bytes } = settings;
  const order = { operation: CONNECT, needsToken, throttle, frames: most, bytes };
  const task = callCore(() => openTask(hands, order, retry));
  pending.add(lose);

  return {
    /** Another handler takes over: the one connected last hears. @param {any} next */
    adopt: (next) => void (handler = next),
    /** @param {import("./message.ts").Data} data @param {unknown} input */
    send(data, input) {
      count += 1;
      frames.set(count, { data, input });
      tell(SENT, count, sizeOf(data));
    },
    close() {
      left = true;
      tell(LEFT);
    },
  };
}
