/** Hearing of an abort. */

/** Who hears of a signal, and its one listener, which tells them. */
type Hearers = Set<() => void> & { tell?: () => void };

const hearers = new WeakMap<AbortSignal, Hearers>();

/**
 * Calls `hear` when a signal is aborted, at once when it is already; returns how to stop that. However many calls share a signal, it has one listener:
 * Node warns of a leak at eleven.
 */
export function onAbort(signal: AbortSignal | undefined, hear: () => void): () => void {
  if (signal?.aborted) hear();
  if (!signal || signal.aborted) return () => {};
  const all: Hearers = hearers.get(signal) ?? new Set();
  if (!all.tell) {
    hearers.set(signal, all);
    signal.addEventListener("abort", (all.tell = () => [...all].forEach((own) => own())));
  }
  all.add(hear);
  return () => {
    if (!all.delete(hear) || all.size > 0 || !all.tell) return;
    hearers.delete(signal);
    signal.removeEventListener("abort", all.tell);
  };
}
