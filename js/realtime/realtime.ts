/**
 * Realtime connections. When to connect, what to send and what to give up is the core's (src/client/realtime); here are
 * the sockets, the tokens and the messages.
 */

import { FailureKind } from "../core/wire.ts";
import { callCore } from "../core/call-core.ts";
import { checkCallOptions, isNoop, needsToken } from "#host/host.ts";
import { openConnection } from "./connection.ts";
import { encodeMessage } from "./message.ts";
import { callback, millis, invalidOption, text } from "../client/options.ts";
import { endpointBelow } from "../core/texts.ts";
import { TOKEN_SECONDS } from "./token.ts";

/** @typedef {import("#host/host.ts").Transport} Transport */

/** Time between two messages, where only the newest counts. */
const THROTTLE = 128;
/** What a queue holds at most. */
const OUTBOX_FRAMES = 256;
const OUTBOX_BYTES = 8 << 20;

/** A whole number from 1 to `most`. @param {any} options @param {string} name @param {number} usual @param {number} most */
function count(options, name, usual, most) {
  const value = options[name] ?? usual;
  return value >= 1 && value <= most ? Math.round(value) : invalidOption(name);
}

/**
 * What a connection shall be like, from the options of a caller.
 *
 * @param {Transport} transport @param {string} app @param {any} options
 */
function settingsOf(transport, app, options) {
  for (const name of ["onResult", "onError", "onDrop", "encodeMessage", "decodeMessage", "tokenProvider"])
    callback(options, name);
  const { outbox = options.throttleInterval === 0 ? "queue" : "latest", maxBuffering } = options;
  if (outbox !== "latest" && outbox !== "queue") invalidOption("outbox");
  const interval = millis(options, "throttleInterval");
  const isQueue = outbox === "queue";
  return {
    endpoint: endpointBelow(app, text(options, "path"), "realtime").endpoint,
    query: maxBuffering === undefined ? "" : `max_buffering=${count(options, "maxBuffering", 0, 60)}`,
    needsToken: needsToken(transport, options),
    seconds: count(options, "tokenExpirationSeconds", TOKEN_SECONDS, Infinity),
    throttle: Number.isNaN(interval) ? (isQueue ? 0 : THROTTLE) : interval,
    messages: isQueue ? count(options, "outboxFrames", OUTBOX_FRAMES, 1e9) : 0,
    bytes: count(options, "outboxBytes", OUTBOX_BYTES, 2 ** 32 - 1),
  };
}

/**
 * The realtime part of a client.
 *
 * @param {import("../client/context.ts").ClientContext} context
 * @returns {import("../types/realtime.d.ts").RealtimeClient}
 */
export function createRealtime({ transport, retry }) {
  /** The connections that are under way; one that is over is not here. @type {Map<unknown, import("./connection.ts").Line>} */
  const lines = new Map();
  return {
    connect(app, handler) {
      const settings = callCore(() => {
        if (typeof handler !== "object" || handler === null) throw invalidOption("handler");
        checkCallOptions(transport, handler, !handler.tokenProvider);
        return settingsOf(transport, app, handler);
      });
      const { connectionKey } = handler;
      // A key names one connection of an endpoint: for another endpoint it is another connection.
      const key = connectionKey === undefined ? Symbol() : `${connectionKey} ${settings.endpoint} ${settings.query}`;
      lines.get(key)?.adopt(handler);
      return {
        send(input) {
          if (isNoop(transport, handler)) return;
          const data = encodeMessage(handler, input);
          const over = () => lines.delete(key);
          const line =
            lines.get(key) ?? openConnection({ transport, retry, app: String(app), ...settings }, handler, over);
          lines.set(key, line);
          line.send(data, input);
        },
        close: () => lines.get(key)?.close(),
      };
    },
  };
}
