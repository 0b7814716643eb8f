/** Log lines of a request, all of them with every status. */

import type { QueueStatus, RequestLog } from "./types.ts";

const same = (one: RequestLog | undefined, other: RequestLog | undefined): boolean =>
  one?.timestamp === other?.timestamp && one?.message === other?.message;

/**
 * Collects log lines: a status that was asked for has all of them, one that comes through a stream only what is new.
 * The returned function gives back the status with every line so far.
 */
export function logCollector(): (status: QueueStatus) => QueueStatus {
  let all: RequestLog[] = [];
  return (status) => {
    const { logs } = (status ?? {}) as { logs?: RequestLog[] };
    if (!Array.isArray(logs)) return status;
    const isWhole = logs.length >= all.length && (all.length === 0 || same(logs[0], all[0]));
    all = isWhole ? logs : [...all, ...logs];
    return { ...status, logs: all } as QueueStatus;
  };
}
