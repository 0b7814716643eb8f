/** Log lines of a request, all of them with every status. */

/** @param {any} one @param {any} other */
const same = (one, other) => one?.timestamp === other?.timestamp && one?.message === other?.message;

/**
 * Collects log lines: a status that was asked for has all of them, one that comes through a stream only what is new.
 *
 * @returns {(status: any) => any} The status with every line there is.
 */
export function logCollector() {
  /** @type {any[]} */
  let all = [];
  return (status) => {
    if (!Array.isArray(status?.logs)) return status;
    const { logs } = status;
    const isWhole = logs.length >= all.length && (all.length === 0 || same(logs[0], all[0]));
    all = isWhole ? logs : [...all, ...logs];
    return { ...status, logs: all };
  };
}
