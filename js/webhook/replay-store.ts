/** Remembering which webhooks were seen before. */

import { forgetOldest } from "../io/forget-oldest.ts";
import type { ReplayStore } from "./types.ts";

/** How many ids are remembered; beyond that the oldest is forgotten. */
const MAX_IDS = 10_000;

/**
 * A store in the memory of one isolate, for at most 10,000 ids. It forgets everything with the isolate, and knows nothing of
 * other isolates.
 */
export function createMemoryReplayStore(): ReplayStore {
  /** When each mark expires; the oldest first. */
  const marks = new Map<string, number>();
  return {
    async seen(id, ttlSeconds) {
      const now = Date.now();
      if ((marks.get(id) ?? 0) > now) return true;
      marks.delete(id);
      marks.set(id, now + ttlSeconds * 1000);
      forgetOldest(marks, MAX_IDS);
      return false;
    },
    async has(id) {
      return (marks.get(id) ?? 0) > Date.now();
    },
    async forget(id) {
      marks.delete(id);
    },
  };
}
