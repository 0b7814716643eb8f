/** Objects of the core that live longer than a call. */

import { instance } from "./call-core.ts";

/**
 * An object of the core that is made once, now, and made again only when the core was lost to a trap: objects of a lost
 * instance cannot be used.
 */
export function heldInCore<T>(make: () => T): () => T {
  let object = make();
  let madeIn = instance;
  return () => {
    if (madeIn !== instance) {
      object = make();
      madeIn = instance;
    }
    return object;
  };
}
