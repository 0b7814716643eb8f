/** Models that answer as they go. */

import { OperationKind } from "../core/wire.ts";
import { callHeaders } from "../client/headers.ts";
import { callback, choice, methodOf, millis, query, text } from "../client/options.ts";
import { endpointBelow } from "../core/texts.ts";
import { FalStream } from "./fal-stream.ts";
import { TOKEN_SECONDS, tokenFor } from "../realtime/token.ts";

/**
 * A stream of what an operation brings.
 *
 * @param {string} endpoint @param {AbortSignal | undefined} signal
 * @param {ReturnType<typeof import("../driver/operation.ts").prepare>} start @param {unknown} [input]
 * @returns {any}
 */
export const openStream = (endpoint, signal, start, input) =>
  new FalStream(endpoint, (items, stop, onHead) => start({ input, items, onHead }, stop), signal);

/** @param {import("../client/context.ts").ClientContext} context @returns {import("../types/index.d.ts").StreamingClient} */
export function createStreaming({ open, transport, withFiles }) {
  /** Who asks, where the call goes straight to fal. @param {string} app @param {any} options */
  const ticket = (app, options) => {
    const tokenProvider = callback(options, "tokenProvider");
    const endpoint = endpointBelow(app, "", "stream").endpoint;
    const wanted = { tokenProvider, endpoint, seconds: TOKEN_SECONDS };
    return (/** @type {AbortSignal} */ signal) => tokenFor(transport, wanted, signal);
  };

  return {
    /** @param {string} endpoint @param {any} [options] */
    async stream(endpoint, options = {}) {
      const { signal, abortSignal = signal, queryParams, query: own = queryParams } = options;
      const start = open(options, () => {
        const accept = text(options, "accept");
        const headers = { ...callHeaders(options, false), ...(accept && { accept }) };
        const isStraight = choice(options, "connectionMode", ["server", "client"]) === "client";
        const token = isStraight ? ticket(String(endpoint), options) : undefined;
        const job = { endpoint, headers, token, query: query({ ...options, query: own }) };
        const order = { endpoint, method: methodOf(options), idle: millis(options, "timeout") };
        return [job, { operation: OperationKind.Stream, ...order }];
      });
      return openStream(endpoint, abortSignal, start, await withFiles({ ...options, timeout: undefined }, abortSignal));
    },
  };
}
