/** State that is watched: what React, Vue and Svelte can take from outside of them. */

import type { Store } from "./types.ts";

/** Milliseconds between two changes that are shown, where only the latest counts: a stream may bring more than a page can draw. */
const FRAME = 16;

/** Who wants to know of the first who watches, and of the last who leaves. */
interface Watchers {
  onFirst?: () => void;
  onLast: () => void;
}

export interface Watched<State> {
  store: Store<State>;
  /** What is so, be it shown or not. */
  now(): State;
  isWatched(): boolean;
  /** Changes it, and shows that at once or, `soon`, with what else comes in this frame. */
  set(change: Partial<State>, soon?: boolean): void;
}

export function watched<State extends object>(initial: State, { onFirst, onLast }: Watchers): Watched<State> {
  let [now, shown] = [initial, initial];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  const show = () => {
    clearTimeout(timer);
    timer = undefined;
    // React compares what it reads, so that nobody may see a state before it is shown.
    shown = now;
    for (const listener of [...listeners]) listener();
  };

  return {
    now: () => now,
    isWatched: () => listeners.size > 0,
    set(change, soon) {
      now = { ...now, ...change };
      if (soon) timer ??= setTimeout(show, FRAME);
      else show();
    },
    store: {
      getState: () => shown,
      getServerState: () => initial,
      subscribe(listener) {
        const own = () => listener();
        listeners.add(own);
        if (listeners.size === 1) onFirst?.();
        return () => {
          // React in its strict mode leaves and comes back at once: that is not leaving.
          if (listeners.delete(own) && !listeners.size) queueMicrotask(() => listeners.size || onLast());
        };
      },
    },
  };
}
