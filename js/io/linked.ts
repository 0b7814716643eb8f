/** A signal of one's own that follows a caller's. */

import { onAbort } from "#host/on-abort.ts";

/** Aborted when `outer` is, or by `abort`. `leave` ends the connection between the two. */
export function linkedTo(outer: AbortSignal | undefined) {
  const controller = new AbortController();
  const abort = (reason?: unknown) => controller.abort(reason);
  return { signal: controller.signal, abort, leave: onAbort(outer, () => abort(outer?.reason)) };
}
