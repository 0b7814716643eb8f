/** Log lines of a request: what is new, and all of them so far. */

import type { CompletedQueueStatus, QueueStatus, RequestLog } from "./types.ts";

const same = (one: RequestLog | undefined, other: RequestLog | undefined): boolean =>
  one?.timestamp === other?.timestamp && one?.message === other?.message;

/** Collects log lines: a status that was asked for has all of them, one that comes through a stream only what is new. */
export function logCollector() {
  let all: RequestLog[] = [];
  return {
    /** A status with the lines that are new, and all of them. */
    update(status: QueueStatus): QueueStatus {
      const { logs } = (status ?? {}) as { logs?: RequestLog[] };
      if (!Array.isArray(logs)) return status;
      const isWhole = logs.length >= all.length && (all.length === 0 || same(logs[0], all[0]));
      const fresh = isWhole ? logs.slice(all.length) : logs;
      all = [...all, ...fresh];
      return { ...status, logs: fresh, allLogs: all } as QueueStatus;
    },
    /** The last status, with all of them. */
    whole: (status: CompletedQueueStatus): CompletedQueueStatus =>
      Array.isArray(status?.logs) ? { ...status, logs: all } : status,
  };
}
