/** The headers of a call, from its options. */

import { invalidOption, text, flag } from "./options.ts";

/** Where a proxy is told what a request is for. */
export const TARGET_URL = "x-fal-target-url";

/** Seconds, by the names `@fal-ai/client` has for them. `never` leaves it to the account. @type {Record<string, number | undefined>} */
const EXPIRES = {
  never: undefined,
  immediate: 60,
  "1h": 3_600,
  "1d": 86_400,
  "7d": 604_800,
  "30d": 2_592_000,
  "1y": 31_536_000,
};

/** How long files live and who may read them, as fal's headers have it. @param {any} settings */
function lifecycle(settings) {
  const { expiresIn, initialAcl } = settings ?? {};
  if (typeof expiresIn === "string" && !(expiresIn in EXPIRES)) invalidOption("expiresIn");
  const seconds = typeof expiresIn === "string" ? EXPIRES[expiresIn] : expiresIn;
  if (seconds !== undefined && !(seconds > 0)) invalidOption("expiresIn");
  const value = { expiration_duration_seconds: seconds, initial_acl: initialAcl };
  const json = JSON.stringify(value);
  return json === "{}" ? undefined : json;
}

/** fal's limits; it drops what is beyond them without a word. */
const TAGS = {
  pairs: 10,
  bytes: 1024,
  name: /^(?!fal\.)[a-z0-9._-]{1,64}$/,
  value: /^[!-+\--~]([ -+\--~]{0,254}[!-+\--~])?$/,
};

/** Tags as fal's header has them. @param {any} options */
function tags({ tags: given }) {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null) invalidOption("tags");
  const pairs = Object.entries(given);
  const fit = pairs.every(
    ([name, value]) => TAGS.name.test(name) && typeof value === "string" && TAGS.value.test(value),
  );
  const line = pairs.map((pair) => pair.join("=")).join();
  if (!fit || pairs.length > TAGS.pairs || line.length > TAGS.bytes) invalidOption("tags");
  return line || undefined;
}

/** @param {Record<string, string | undefined>} headers @returns {Record<string, string>} */
const present = (headers) =>
  /** @type {any} */ Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));

/** `1` and `0`, as fal writes yes and no. @param {any} options @param {string} name */
const digit = (options, name) => (flag(options, name) === undefined ? undefined : String(Number(options[name])));

/** A caller's own headers, with names in lower case. @param {any} options @returns {Record<string, string>} */
export function ownHeaders({ headers }) {
  try {
    const own = new Headers(headers);
    if (!own.has(TARGET_URL)) return Object.fromEntries(own);
  } catch {
    // They are no headers.
  }
  return invalidOption("headers");
}

/**
 * The headers that the options of a run or a submit stand for.
 *
 * @param {any} options
 * @param {boolean} queued
 */
export function callHeaders(options, queued) {
  const { priority = "normal", startTimeout, storageSettings } = options;
  if (priority !== "normal" && priority !== "low") invalidOption("priority");
  // fal's clients refuse one second and less.
  if (startTimeout !== undefined && !(startTimeout > 1 && startTimeout < Infinity)) invalidOption("startTimeout");
  const seconds = startTimeout === undefined ? undefined : String(startTimeout);
  return present({
    "x-fal-queue-priority": queued ? priority : undefined,
    "x-fal-runner-hint": text(options, "hint") || undefined,
    // The current name, and the deprecated one that older gateways read.
    "x-fal-request-start-timeout": seconds,
    "x-fal-request-timeout": seconds,
    "x-fal-object-lifecycle-preference": lifecycle(storageSettings),
    "x-fal-no-retry": flag(options, "noRetry") ? "1" : undefined,
    "x-fal-store-io": digit(options, "storeIO"),
    "x-fal-tags": tags(options),
  });
}

/** The headers of an upload. Two storages answer it, and each reads another name. @param {any} settings */
export function uploadHeaders(settings) {
  const value = lifecycle(settings);
  return present({ "x-fal-object-lifecycle": value, "x-fal-object-lifecycle-preference": value });
}
