/** What the core is asked to open: which operation, and those of its options that decide anything. */

import { open } from "./core.js";

/** Numbers and flags, in the order of the core (src/bindings/open.rs). The statuses worth another try follow. */
const NUMBERS = [
  "seed",
  "maxRetries",
  "baseDelay",
  "maxDelay",
  "backoffMultiplier",
  "enableJitter",
  "budget",
  "backupHosts",
  "timeout",
  "idempotent",
  "logs",
  "fetches",
  "polls",
  "pollInterval",
  "cancelOnTimeout",
  "cancelOnAbort",
  "maxQueueLength",
  "idle",
  "size",
  "once",
  "newer",
];

/**
 * An operation and its options: texts, and the numbers and flags of {@link NUMBERS}. What is not given is not there.
 *
 * @typedef {{ operation: number, endpoint?: string, path?: string, method?: string, webhook?: string, request?: string,
 *   by?: (hands: any, numbers: Float64Array) => import("./core.js").Task } & Record<string, unknown>} Order `by` opens
 *   what is none of the client's own operations.
 */

/**
 * How patient a call is: what a caller set about trying again, and the time for all of it.
 *
 * @typedef {Record<string, unknown> & { statuses?: number[] }} Patience
 */

/** @param {Record<string, any>} values @returns {Float64Array} */
export const numbersOf = ({ statuses = [], ...values }) =>
  Float64Array.of(...NUMBERS.map((name) => Number(values[name] ?? NaN)), ...statuses);

/**
 * Opens an operation; throws what is wrong with it.
 *
 * @param {any} hands @param {Order} order @param {Patience} patience
 */
export function openTask(hands, order, patience) {
  const { operation, endpoint = "", path = "", method = "", webhook = "", request = "", by, ...rest } = order;
  const numbers = numbersOf({ ...patience, ...rest, seed: Math.random() });
  if (by) return by(hands, numbers);
  return open(hands, operation, numbers, String(endpoint), path, method, webhook, request);
}
