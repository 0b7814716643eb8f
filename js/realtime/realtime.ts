/**
 * Realtime connections. The core decides when to connect, what to send and when to give up (src/client/realtime); here
 * are the websockets, the tokens and the messages.
 */

import type { ClientContext } from "../client/context.ts";
import type { RealtimeClient, RealtimeConnectionHandler } from "./types.ts";
import { callCore } from "../core/call-core.ts";
import { type HostTransport, checkCallOptions, isBrowser, isNoop, needsToken } from "#host/host.ts";
import { refuseKeyIn } from "../client/refuse-keys.ts";
import { now } from "../driver/machine.ts";
import { openConnection } from "./connection.ts";
import { encodeMessage } from "./message.ts";
import { takes } from "../client/checks.ts";
import { REALTIME, readOptions } from "../client/options.ts";
import { endpointBelow } from "../core/texts.ts";

/** Milliseconds between two messages, where only the newest counts. */
const THROTTLE = 128;
/** The most that a queue holds. */
const OUTBOX_FRAMES = 256;
const OUTBOX_BYTES = 8 << 20;

/** Milliseconds without another attempt after a refusal that will not pass; twice as long after each that follows. */
const FIRST_REST = 1_000;
const LONGEST_REST = 60_000;

/** How many keys' newest handlers are remembered. */
const MAX_KEYS = 100;

/** How a connection behaves, from the options of a caller. */
export interface RealtimeSettings {
  endpoint: string;
  query: string;
  needsToken: boolean;
  /** How long a token is asked to last. */
  seconds: number | undefined;
  /** Least time between two messages in milliseconds. */
  throttle: number;
  /** How many messages the outbox holds; 0 for one that keeps the latest. */
  messages: number;
  bytes: number;
  /** Longest silence after a message was sent, in milliseconds. */
  idle: number | undefined;
}

function settingsOf(transport: HostTransport, app: string, options: RealtimeConnectionHandler): RealtimeSettings {
  const given = readOptions(options, REALTIME);
  const { throttleInterval, outbox = throttleInterval === 0 ? "queue" : "latest" } = given;
  const isQueue = outbox === "queue";
  return {
    endpoint: endpointBelow(app, given.path, "realtime").endpoint,
    query: given.maxBuffering ? `max_buffering=${given.maxBuffering}` : "",
    needsToken: needsToken(transport, options),
    seconds: given.tokenExpirationSeconds,
    throttle: throttleInterval ?? (isQueue ? 0 : THROTTLE),
    messages: isQueue ? (given.outboxFrames ?? OUTBOX_FRAMES) : 0,
    idle: given.timeout,
    bytes: given.outboxBytes ?? OUTBOX_BYTES,
  };
}

/** The realtime part of a client. */
export function createRealtime({ transport, retry }: ClientContext): RealtimeClient {
  /** The connections that have not ended. */
  const connections = new Map<string | symbol, ReturnType<typeof openConnection>>();
  /** Who connected last with a key, also while no line is open. */
  const handlers = new Map<string | symbol, RealtimeConnectionHandler>();
  return {
    connect(app: string, handler: RealtimeConnectionHandler) {
      const settings = callCore(() => {
        if (typeof handler !== "object" || handler === null) takes("handler", "an object with `onResult`");
        checkCallOptions(transport, handler, !handler.tokenProvider);
        return settingsOf(transport, app, handler);
      });
      const { connectionKey } = handler;
      // A key names one connection of an endpoint: for another endpoint it is another connection.
      const key = connectionKey === undefined ? Symbol() : `${connectionKey} ${settings.endpoint} ${settings.query}`;
      connections.get(key)?.adopt(handler);
      if (connectionKey !== undefined) {
        // The newest last: beyond the limit the oldest is forgotten.
        handlers.delete(key);
        handlers.set(key, handler);
        if (handlers.size > MAX_KEYS) handlers.delete(handlers.keys().next().value ?? key);
      }
      /** How long nothing is tried after a refusal, and when that is over. */
      let [rest, restsUntil] = [0, 0];
      return {
        send(input) {
          if (isNoop(transport, handler)) return;
          if (now() < restsUntil) return handler.onDrop?.(input, "connection_lost");
          const data = encodeMessage(handler, input);
          if (isBrowser()) callCore(() => refuseKeyIn(data));
          const over = (isRefused: boolean) => {
            connections.delete(key);
            rest = isRefused ? Math.min(rest * 2 || FIRST_REST, LONGEST_REST) : 0;
            restsUntil = isRefused ? now() + rest : 0;
          };
          const connection =
            connections.get(key) ??
            openConnection({ transport, retry, app: String(app), ...settings }, handlers.get(key) ?? handler, over);
          connections.set(key, connection);
          connection.send(data, input);
        },
        close() {
          connections.get(key)?.close();
          [rest, restsUntil] = [0, 0];
        },
      };
    },
  };
}
