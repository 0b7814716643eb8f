/** Hearing of an abort. */

/** Calls `hear` when a signal is aborted; returns how to stop that. */
export function onAbort(signal: AbortSignal | undefined, hear: () => void): () => void {
  signal?.addEventListener("abort", hear);
  return () => signal?.removeEventListener("abort", hear);
}
