/** What the core is asked to open: which operation, and those of its options that decide anything. */

import { endpointId, open } from "#core";
import { handsOf, lines } from "./hands.ts";

/** Numbers and flags, in the order of the core (src/bindings/numbers.rs). The statuses worth another try follow. */
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
  "needsToken",
  "throttle",
  "frames",
  "bytes",
  "statuses",
];

/**
 * An operation and its options: texts, and the numbers and flags of {@link NUMBERS}. What is not given is not there.
 *
 * @typedef {{ operation: number, endpoint?: string, path?: string, method?: string, webhook?: string, request?: string,
 *   by?: (hands: import("./hands.ts").Hands) => import("#core").Task } & Record<string, unknown>} Order `by` opens what
 *   is none of the client's own operations.
 */

/**
 * How patient a call is: what a caller set about trying again, and the time for all of it.
 *
 * @typedef {Record<string, unknown> & { statuses?: number[] }} Patience
 */

/**
 * Opens an operation; throws what is wrong with it.
 *
 * @param {import("./hands.ts").Hands} hands @param {Order} order @param {Patience} patience
 */
export function openTask(hands, order, patience) {
  const { statuses = [] } = patience;
  /** @type {Record<string, unknown>} */
  const values = { ...patience, ...order, seed: Math.random(), statuses: statuses.length };
  hands.numbers = [...NUMBERS.map((name) => Number(values[name] ?? NaN)), ...statuses];
  const { operation, endpoint = "", path = "", method = "", webhook = "", request = "", by } = order;
  return hands.answered(by ? by(hands) : open(hands, operation, lines(endpoint, path, method, webhook, request)));
}

/**
 * An endpoint id in its canonical spelling: of the endpoint itself, or of what is below it, at `path` or where apps
 * usually have it.
 *
 * @param {unknown[]} texts
 */
export function idOf(...texts) {
  const hands = handsOf([]);
  endpointId(hands, lines(...texts));
  return /** @type {string} */ hands.answered();
}
