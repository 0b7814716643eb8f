/** What a store can be told, apart from what is watched of it. */

import type { Adjustable } from "./call.ts";
import type { Store } from "./types.ts";

type Apart = keyof Store<unknown> | keyof Adjustable<unknown, unknown>;

export function actionsOf<Watchable extends Store<any>>(store: Watchable): Omit<Watchable, Apart> {
  const { getState, getServerState, subscribe, adjust, ...actions } = store as any;
  return actions;
}
