/** Remembering what was seen before. */

import type { ReplayStore } from "./types.ts";

/**
 * For how long: fal delivers the same webhook again for two hours at most, and a day is on the safe side.
 *
 * @internal
 */
export const REMEMBERED_SECONDS = 86_400;

/** How many ids are remembered; the oldest is forgotten beyond that. */
const MAX_IDS = 10_000;

/** A store in the memory of one isolate, for at most 10,000 ids. It is not shared with other isolates. */
export function createMemoryReplayStore(): ReplayStore {
  /** When each mark ends; the oldest first. @type {Map<string, number>} */
  const marks = new Map();
  return {
    async seen(id, ttlSeconds) {
      const now = Date.now();
      if ((marks.get(id) ?? 0) > now) return true;
      marks.delete(id);
      marks.set(id, now + ttlSeconds * 1000);
      if (marks.size > MAX_IDS) marks.delete(/** @type {string} */ marks.keys().next().value);
      return false;
    },
    async forget(id) {
      marks.delete(id);
    },
  };
}
