/** Waiting for what needs no more than a moment. */

/** How many of them a function has that fails before it waits for anything real. */
const ENOUGH = 8;

/** Resolves when what follows at once has happened. It takes no time, so that it never holds up a call. */
export async function afterMicrotasks(): Promise<void> {
  for (let left = ENOUGH; left > 0; left -= 1) await undefined;
}
