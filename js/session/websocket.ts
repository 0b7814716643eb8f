/** Realtime connections as sessions: fal's own messages over a websocket. */

import type { RealtimeConnectionHandler } from "../realtime/types.ts";
import { defineRealtimeExtension } from "./extension.ts";
import type { OpenableExtension, RealtimeSession } from "./types.ts";

/** The options of `fal.realtime.connect` that make sense in a session. @experimental */
export type WebsocketOptions<Output = any> = Pick<
  RealtimeConnectionHandler<Output>,
  "onResult" | "tokenProvider" | "path" | "maxBuffering" | "throttleInterval" | "encodeMessage" | "decodeMessage"
>;

/** A connection as a session. @experimental */
export interface WebsocketRealtimeSession<Input = any> extends RealtimeSession {
  /** Sends an input, at most one in each `throttleInterval`. */
  send(input: Input & Partial<{ request_id: string }>): void;
  close(): void;
}

/**
 * fal's realtime protocol, as a session. Chosen: as with `connect` the websocket is opened by the first message, so `"live"` says
 * that there is nothing to wait for. What cannot be sent, or is lost, fails the session.
 *
 * @experimental
 */
export function websocket<Input = any, Output = any>(
  endpointId?: string,
): OpenableExtension<WebsocketOptions<Output>, WebsocketRealtimeSession<Input>> {
  return defineRealtimeExtension<WebsocketOptions<Output>, WebsocketRealtimeSession<Input>>({
    id: "fal/websocket",
    defaultEndpoint: endpointId,
    async open(context, options) {
      const { onResult, tokenProvider, path, maxBuffering, throttleInterval, encodeMessage, decodeMessage } = options;
      const given = { tokenProvider, path, maxBuffering, throttleInterval, encodeMessage, decodeMessage };
      const connection = context.connect(context.endpointId, {
        ...(given as Omit<RealtimeConnectionHandler, "onResult">),
        onResult,
        onError: (error) => void context.fail(error?.message ?? String(error), {}, error),
      });
      context.addCleanup(() => connection.close());
      return { send: (input) => connection.send(input as never), close: () => connection.close() };
    },
  });
}
