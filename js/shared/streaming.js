/** Models that answer as they go. */

import * as core from "./core.js";
import { callHeaders, methodOf, millis, text } from "./options.js";
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
    async stream(endpoint, options = {}) {
      const { signal, abortSignal = signal } = options;
      const start = open(options, () => {
        const [method, idle] = [methodOf(options), millis(options, "timeout")];
        const accept = text(options, "accept");
        const job = { endpoint, headers: { ...callHeaders(options, false), ...(accept && { accept }) } };
        return [job, (...given) => core.stream(...given, String(endpoint), method, idle)];
      });
      return openStream(endpoint, abortSignal, start, await withFiles(options, abortSignal));
    },
  };
}
