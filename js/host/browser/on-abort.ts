/** Hearing of an abort. */

/** Calls `hear` when a signal is aborted, at once when it is already; returns how to stop that. */
export function onAbort(signal: AbortSignal | undefined, hear: () => void): () => void {
  if (signal?.aborted) hear();
  else signal?.addEventListener("abort", hear);
  return () => signal?.removeEventListener("abort", hear);
}
