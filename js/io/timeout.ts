/** Waiting for something, but not longer than a given time. */

import { Timer } from "./timer.ts";

/** How a wait is timed. */
interface Timing {
  /** When the time begins; at once, if nothing is given. Never rejects. */
  startAfter?: Promise<unknown> | undefined;
  /** A timer that other waits use, too, before this one and after it. */
  timer?: Timer;
}

/**
 * The result of `work`, or that of `onTimeout` when `work` takes longer than `ms`. `work` itself goes on; `onTimeout` is the
 * place to abort it, and may throw.
 */
export function withTimeout<T, Late>(
  work: T | PromiseLike<T>,
  ms: number,
  onTimeout: () => Late,
  { startAfter, timer: shared }: Timing = {},
): Promise<Awaited<T> | Late> {
  return new Promise((resolve, reject) => {
    const timer = shared ?? new Timer();
    let isOver = false;
    /** Whether this decides. An abort after it, whose rejection `work` has, changes nothing. */
    const ends = (): boolean => {
      if (isOver) return false;
      isOver = true;
      if (shared) timer.pause();
      else timer.end();
      return true;
    };
    // Not within the timer: what it does may end somebody else's who rings at the same time.
    const late = () => void (ends() && Promise.resolve().then(onTimeout).then(resolve, reject));
    const start = () => void (isOver || timer.set(late, ms));
    if (startAfter) void startAfter.then(start);
    else start();
    Promise.resolve(work).then(
      (value) => void (ends() && resolve(value as Awaited<T>)),
      (error: unknown) => void (ends() && reject(error)),
    );
  });
}
