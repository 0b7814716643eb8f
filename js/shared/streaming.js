/** Models that answer as they go. */

import * as core from "./core.js";
import { callHeaders } from "./headers.js";
import { methodOf, millis, query, text } from "./options.js";
import { FalStream } from "./stream.js";

/**
 * A stream of what an operation brings.
 *
 * @param {string} endpoint @param {AbortSignal | undefined} signal
 * @param {ReturnType<typeof import("./drive.js").prepare>} start @param {unknown} [input]
 * @returns {any}
 */
export const openStream = (endpoint, signal, start, input) =>
  new FalStream(endpoint, (items, stop, onHead) => start({ input, items, onHead }, stop), signal);

/** @param {import("./desk.js").Desk} desk @returns {import("../types/index.d.ts").StreamingClient} */
export function createStreaming({ open, withFiles }) {
  return {
    /** @param {string} endpoint @param {any} [options] */
    async stream(endpoint, options = {}) {
      const { signal, abortSignal = signal, queryParams, query: own = queryParams } = options;
      const start = open(options, () => {
        const [method, idle] = [methodOf(options), millis(options, "timeout")];
        const accept = text(options, "accept");
        const headers = { ...callHeaders(options, false), ...(accept && { accept }) };
        const job = { endpoint, headers, query: query({ ...options, query: own }) };
        return [job, (...given) => core.stream(...given, String(endpoint), method, idle)];
      });
      return openStream(endpoint, abortSignal, start, await withFiles({ ...options, timeout: undefined }, abortSignal));
    },
  };
}
