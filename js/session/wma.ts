/** Sessions with world models: WebRTC, with fal's bridge between the browser and fal's runner. */

import { refuseUnknown } from "../client/nearest-name.ts";
import { contextParts } from "./context.ts";
import { RealtimeSessionError } from "./errors.ts";
import { defineRealtimeExtension } from "./extension.ts";
import { type WmaReceiveTrack, receivePlace } from "./receive.ts";
import type { PreparedExtension } from "./open.ts";
import { type PeerOptions, openPeerSession } from "./peer-session.ts";
import type { OpenableExtension, RealtimeSession } from "./types.ts";

export { RealtimeSessionError };
export type { RealtimeSessionErrorCode } from "./errors.ts";
export type * from "./receive.ts";

/**
 * The messages that an app takes, by endpoint id: `npx fal-wasm types <id> --asyncapi <file>` writes such a file from the app's
 * AsyncAPI document.
 *
 * @experimental
 */
export interface ControlMessageMap {}

/** A message for the app's runner: what can be written as JSON, and what is known of those of an app. @experimental */
export type WmaControlMessage<Id extends string = string> = Id extends keyof ControlMessageMap
  ? ControlMessageMap[Id]
  : object;

/**
 * The options of a session with a world model.
 *
 * @experimental As in `@fal-ai/client`, sessions may change in a minor release.
 */
export interface WmaOptions {
  /**
   * What is received: one place in the offer for each, in this order. An empty list is a session of messages only.
   *
   * @default ["video"], where nothing is sent
   */
  receive?: readonly WmaReceiveTrack[];
  /** What is sent. Its tracks stay the caller's: they are not stopped with the session. A promise that rejects opens nothing. */
  localStream?: MediaStream | null | PromiseLike<MediaStream | null | undefined>;
  /** In which direction media flows, where `receive` is not given. @default "recvonly", or "sendrecv" with a `localStream` */
  direction?: RTCRtpTransceiverDirection;
  /** ICE servers in place of fal's. */
  iceServers?: RTCIceServer[];
  /** `"relay"` uses nothing but relays. @default "all" */
  iceTransportPolicy?: RTCIceTransportPolicy;
  /** How long fal may take to answer the offer, in milliseconds. @default 120000 */
  negotiationTimeoutMs?: number;
  /**
   * How often a session that was lost is replaced by a fresh one, which is paid for anew. Not in `@fal-ai/client`.
   *
   * @default 0
   */
  reopen?: number;
  /**
   * Closes the session when the page was hidden for so many milliseconds. Not in `@fal-ai/client`.
   *
   * @default never
   */
  hiddenTimeoutMs?: number;
}

/** A live session with a world model. @experimental */
export interface WmaRealtimeSession<Message = object> extends RealtimeSession {
  /** fal's name for it. */
  readonly sessionId: string;
  /** Sends a message as JSON, in order. Up to 64 wait while the channel cannot take them. */
  send(message: Message): void;
  close(): void;
}

const DIRECTIONS = ["inactive", "recvonly", "sendonly", "sendrecv"];
const NUMBERS = ["negotiationTimeoutMs", "reopen", "hiddenTimeoutMs"] as const;
const KNOWN = [
  ...NUMBERS,
  ...["receive", "localStream", "direction", "iceServers", "iceTransportPolicy"],
  ...["endpointId", "abortSignal", "onState", "onError", "onDiagnostic", "onMedia", "onData"],
];

/** Checks options; throws what is wrong with them, before anything is asked for. */
function read(options: WmaOptions): PeerOptions {
  const { receive, direction, iceServers, iceTransportPolicy, localStream } = options;
  refuseUnknown("wma", options, KNOWN);
  for (const name of NUMBERS) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value < 2 ** 31))
      throw new TypeError(`\`${name}\` takes a whole number, 0 or above.`);
  }
  if (direction !== undefined && !DIRECTIONS.includes(direction))
    throw new TypeError(`\`direction\` takes ${DIRECTIONS.join(", ")}.`);
  if (receive !== undefined && direction !== undefined)
    throw new TypeError("`receive` and `direction` say the same: give one of them.");
  if (receive !== undefined && !Array.isArray(receive)) throw new TypeError("`receive` takes a list.");
  if (iceServers !== undefined && !Array.isArray(iceServers)) throw new TypeError("`iceServers` takes a list.");
  if (iceTransportPolicy !== undefined && !["all", "relay"].includes(iceTransportPolicy))
    throw new TypeError('`iceTransportPolicy` takes "all" or "relay".');
  return {
    ...options,
    receive: receive?.map(receivePlace),
    localStream: Promise.resolve(localStream).then((stream) => stream ?? undefined),
  };
}

/**
 * The protocol of fal's world models, live directors and video-to-video apps. Whether an app speaks it only its pages say.
 *
 * @example
 * ```ts
 * import { fal } from "fal-wasm";
 * import { wma } from "fal-wasm/realtime/wma";
 *
 * fal.config({ proxyUrl: "/api/fal/proxy" });
 * const session = fal.realtime.open(wma("my-account/my-world"), {
 *   receive: ["video", "audio"],
 *   onMedia: (stream) => (video.srcObject = stream),
 *   onData: (raw) => console.log(JSON.parse(raw)),
 *   onError: (error) => console.error(error),
 * });
 * session.send({ type: "keys", pressed: ["w"], activated: [] });
 * await session.close();
 * ```
 *
 * @experimental
 */
export function wma<Id extends string>(
  endpointId?: Id,
): OpenableExtension<WmaOptions, WmaRealtimeSession<WmaControlMessage<Id>>> {
  return defineRealtimeExtension<WmaOptions, WmaRealtimeSession<WmaControlMessage<Id>>>({
    id: "fal/wma",
    defaultEndpoint: endpointId,
    open: async (context, options) => {
      const given = read(options);
      // It may be refused long before anybody looks.
      given.localStream.catch(() => {});
      return openPeerSession(context, given);
    },
    // In this file: every session asks fal for something at once.
    parts: contextParts,
  } as PreparedExtension<WmaOptions, WmaRealtimeSession<WmaControlMessage<Id>>>);
}
