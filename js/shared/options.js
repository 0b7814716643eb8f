/** Reading the options of a call: what they are in the types, checked. */

import { OPTION_INVALID, PROXY_URL_INVALID } from "./codes.js";
import { proxyUrlProblem } from "./core.js";
import { Problem } from "./errors.js";

/** Says that an option has a value it cannot have. @param {string} option @returns {never} */
export function refuse(option) {
  throw new Problem(OPTION_INVALID, undefined, option);
}

/** A time in milliseconds; `NaN` when it is absent. @param {any} options @param {string} name */
export function millis(options, name) {
  const value = options[name] ?? NaN;
  return typeof value === "number" && !(value < 0) && value !== Infinity ? value : refuse(name);
}

/** A text; empty when it is absent. @param {any} options @param {string} name @returns {string} */
export function text(options, name) {
  const value = options[name] ?? "";
  return typeof value === "string" ? value : refuse(name);
}

/** One of a few words; the first when it is absent. @param {any} options @param {string} name @param {string[]} words */
export function choice(options, name, words) {
  const value = options[name] ?? words[0];
  return words.includes(value) ? value : refuse(name);
}

/** The method of a run. @param {any} options */
export const methodOf = (options) => text(options, "method") || "POST";

/** A function. @param {any} options @param {string} name @returns {any} */
export function callback(options, name) {
  const value = options[name] ?? undefined;
  return value === undefined || typeof value === "function" ? value : refuse(name);
}

/** The URL of the proxy; empty when there is none. @param {any} config */
export function proxyUrl({ proxyUrl: given }) {
  if (given === undefined) return "";
  const url = text({ proxyUrl: given?.url ?? given }, "proxyUrl").trim();
  const reason = proxyUrlProblem(url);
  if (reason) throw new Problem(PROXY_URL_INVALID, undefined, "", reason);
  return url;
}

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
  if (typeof expiresIn === "string" && !(expiresIn in EXPIRES)) refuse("expiresIn");
  const seconds = typeof expiresIn === "string" ? EXPIRES[expiresIn] : expiresIn;
  if (seconds !== undefined && !(seconds > 0)) refuse("expiresIn");
  const value = { expiration_duration_seconds: seconds, initial_acl: initialAcl };
  const json = JSON.stringify(value);
  return json === "{}" ? undefined : json;
}

/** @param {Record<string, string | undefined>} headers @returns {Record<string, string>} */
const present = (headers) =>
  /** @type {any} */ (Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)));

/** A caller's own headers, with names in lower case. @param {any} headers */
function own(headers) {
  try {
    return Object.fromEntries([...new Headers(headers)]);
  } catch {
    return refuse("headers");
  }
}

/**
 * The headers of a run or a submit. What has an option of its own wins over a header of the caller's.
 *
 * @param {any} options
 * @param {boolean} queued
 */
export function callHeaders(options, queued) {
  const { priority = "normal", startTimeout, storageSettings, headers } = options;
  if (priority !== "normal" && priority !== "low") refuse("priority");
  // fal's clients refuse one second and less.
  if (startTimeout !== undefined && !(startTimeout > 1 && startTimeout < Infinity)) refuse("startTimeout");
  const seconds = startTimeout === undefined ? undefined : String(startTimeout);
  return {
    ...own(headers),
    ...present({
      "x-fal-queue-priority": queued ? priority : undefined,
      "x-fal-runner-hint": text(options, "hint") || undefined,
      // The current name, and the deprecated one that older gateways read.
      "x-fal-request-start-timeout": seconds,
      "x-fal-request-timeout": seconds,
      "x-fal-object-lifecycle-preference": lifecycle(storageSettings),
    }),
  };
}

/** The headers of an upload. Two storages answer it, and each reads another name. @param {any} settings */
export function uploadHeaders(settings) {
  const value = lifecycle(settings);
  return present({ "x-fal-object-lifecycle": value, "x-fal-object-lifecycle-preference": value });
}

/**
 * What a caller set about trying again, as the core reads it: tries, first wait, longest wait, growth, jitter, then the
 * statuses worth another try.
 *
 * @param {any} [retry]
 */
export function retryNumbers(retry = {}) {
  const names = ["maxRetries", "baseDelay", "maxDelay", "backoffMultiplier"];
  const jitter = retry.enableJitter ?? NaN;
  return Float64Array.of(
    ...names.map((name) => millis(retry, name)),
    Number(jitter),
    ...(retry.retryableStatusCodes ?? []),
  );
}
