/**
 * Realtime connections. The core decides when to connect, what to send and when to give up (src/client/realtime); here
 * are the websockets, the tokens and the messages.
 */

import type { ClientContext } from "../client/context.ts";
import type { FalClient } from "../client/types.ts";
import type { RealtimeClient, RealtimeConnection, RealtimeConnectionHandler } from "./types.ts";
import { callCore } from "../core/call-core.ts";
import { type HostTransport, checkCallOptions, isBrowser, isNoop, needsToken, send } from "#host/host.ts";
import { refuseKeyIn } from "../client/refuse-keys.ts";
import { type Line, openConnection } from "./connection.ts";
import { encodeMessage } from "./message.ts";
import { takes } from "../client/checks.ts";
import { REALTIME, readOptions } from "../client/options.ts";
import { endpointBelow } from "../core/texts.ts";

/** Milliseconds between two messages, where only the newest counts. */
const THROTTLE = 128;
/** The most that a queue holds. */
const OUTBOX_FRAMES = 256;
const OUTBOX_BYTES = 8 << 20;

/** How many keys' lines are remembered while no socket of theirs is open. */
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
    endpoint: endpointBelow(app, given.path ?? "", "realtime").endpoint,
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
export function createRealtime({ transport, retry }: ClientContext, run: FalClient["run"]): RealtimeClient {
  /** The lines that have a key. */
  const lines = new Map<string, Line>();
  const connect = (app: string, handler: RealtimeConnectionHandler): RealtimeConnection => {
    const settings = callCore(() => {
      if (typeof handler !== "object" || handler === null) takes("handler", "an object with `onResult`");
      checkCallOptions(transport, handler, !handler.tokenProvider);
      return settingsOf(transport, app, handler);
    });
    const { connectionKey } = handler;
    // A key names one connection of an endpoint: for another endpoint it is another connection.
    const key = `${connectionKey} ${settings.endpoint} ${settings.query}`;
    let line: Line = { handler };
    if (connectionKey !== undefined) {
      line = lines.get(key) ?? line;
      line.handler = handler;
      // The newest last: beyond the limit the oldest is forgotten.
      lines.delete(key);
      for (const [old, { isOn }] of lines) if (lines.size >= MAX_KEYS && !isOn) lines.delete(old);
      lines.set(key, line);
    }
    return {
      send(input) {
        if (isNoop(transport, handler)) return;
        const data = encodeMessage(handler, input);
        if (isBrowser()) callCore(() => refuseKeyIn(data));
        line.connection ??= openConnection({ transport, retry, app: String(app), ...settings }, line);
        line.connection.send(data, input);
      },
      close: () => line.connection?.close(),
    };
  };
  return {
    // What a session is made of comes with its extension: a page without one pays for this line.
    open(extension, options) {
      return extension.opener(transport, options, run, connect, send);
    },
    connect,
  };
}
