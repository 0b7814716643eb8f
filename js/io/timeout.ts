/** Waiting for something, but not longer than a given time. */

const TIMED_OUT = Symbol("timed out");

/**
 * The result of `work`, or that of `onTimeout` when `work` takes longer than `ms`. `work` itself goes on; `onTimeout` is the
 * place to abort it, and may throw.
 *
 * The time begins at once, or when `startAfter` resolves.
 */
export async function withTimeout<T, Late>(
  work: T | PromiseLike<T>,
  ms: number,
  onTimeout: () => Late,
  startAfter?: Promise<unknown>,
): Promise<Awaited<T> | Late> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const timeout = new Promise<typeof TIMED_OUT>((resolve) => {
    const start = () => {
      if (!isOver) timer = setTimeout(() => resolve(TIMED_OUT), ms);
    };
    if (startAfter) void startAfter.then(start);
    else start();
  });
  try {
    const first = await Promise.race([work, timeout]);
    // Only now: an abort before the race is decided would let the rejection of `work` win it.
    return first === TIMED_OUT ? onTimeout() : (first as Awaited<T>);
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}
