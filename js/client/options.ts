/** Reading the options of a client and of its calls: what they are in the types, checked. */

import { OPTION_INVALID, PROXY_URL_INVALID } from "../core/codes.ts";
import { proxyUrlProblem } from "#core";
import { OperationError } from "../errors/errors.ts";

/** Says that an option has a value it cannot have. @param {string} option @returns {never} */
export function invalidOption(option) {
  throw new OperationError(OPTION_INVALID, undefined, option);
}

/** A time in milliseconds; `NaN` when it is absent. @param {any} options @param {string} name */
export function millis(options, name) {
  const value = options[name] ?? NaN;
  return typeof value === "number" && !(value < 0) && value !== Infinity ? value : invalidOption(name);
}

/** A text; empty when it is absent. @param {any} options @param {string} name @returns {string} */
export function text(options, name) {
  const value = options[name] ?? "";
  return typeof value === "string" ? value : invalidOption(name);
}

/** One of a few words; the first when it is absent. @param {any} options @param {string} name @param {string[]} words */
export function choice(options, name, words) {
  const value = options[name] ?? words[0];
  return words.includes(value) ? value : invalidOption(name);
}

/** The method of a run. @param {any} options */
export const methodOf = (options) => text(options, "method") || "POST";

/** Yes or no; undefined when it is absent. @param {any} options @param {string} name @returns {boolean | undefined} */
export function flag(options, name) {
  const value = options[name] ?? undefined;
  return value === undefined || typeof value === "boolean" ? value : invalidOption(name);
}

/** A function. @param {any} options @param {string} name @returns {any} */
export function callback(options, name) {
  const value = options[name] ?? undefined;
  return value === undefined || typeof value === "function" ? value : invalidOption(name);
}

/** What aborts a call. @param {any} options @returns {AbortSignal | undefined} */
export function signal({ abortSignal }) {
  const isSignal = typeof abortSignal?.addEventListener === "function" && typeof abortSignal.aborted === "boolean";
  return isSignal || abortSignal == null ? (abortSignal ?? undefined) : invalidOption("abortSignal");
}

/** The URL of the proxy; empty when there is none. @param {any} config */
export function proxyUrl({ proxyUrl: given }) {
  if (given === undefined) return "";
  const url = text({ proxyUrl: given?.url ?? given }, "proxyUrl").trim();
  const reason = proxyUrlProblem(url);
  if (reason) throw new OperationError(PROXY_URL_INVALID, undefined, "", reason);
  return url;
}

/** A `fetch` of the caller's own: a function, or what has one, such as a service binding. @param {any} config @returns {any} */
export function fetchOf({ fetch: own }) {
  if (typeof own === "object" && typeof own?.fetch === "function")
    return (/** @type {any[]} */ ...args) => own.fetch(...args);
  return callback({ fetch: own }, "fetch");
}

/** The longest queue that is acceptable; `NaN` when it is absent. @param {any} options */
export function maxQueueLength({ maxQueueLength: length = NaN }) {
  return Number.isNaN(length) || (Number.isInteger(length) && length >= 0 && length < 2 ** 32)
    ? length
    : invalidOption("maxQueueLength");
}

/** Query parameters of the caller's own. @param {any} options @returns {Record<string, any> | undefined} */
export function query({ query: own, subdomain }) {
  // It would lead to a host that is not fal's own.
  if (subdomain !== undefined) invalidOption("subdomain");
  return own === undefined || (typeof own === "object" && !Array.isArray(own))
    ? (own ?? undefined)
    : invalidOption("query");
}

/** What a configuration says about trying again, checked. @param {any} config @returns {import("../driver/open.ts").Patience} */
export function retryNumbers(config) {
  const retry = config.retry ?? {};
  const { retryableStatusCodes: statuses = [], budget = NaN } = retry;
  if (!Array.isArray(statuses) || !statuses.every((status) => Number.isInteger(status)))
    invalidOption("retryableStatusCodes");
  if (typeof budget !== "number" || budget < 0) invalidOption("budget");
  const names = ["maxRetries", "baseDelay", "maxDelay", "backoffMultiplier"];
  const numbers = Object.fromEntries(names.map((name) => [name, millis(retry, name)]));
  const backupHosts = flag(config, "backupHosts");
  return { ...numbers, enableJitter: flag(retry, "enableJitter"), budget, backupHosts, statuses };
}

/**
 * How patient a call is: what the client says about trying again, the time for all of it, and whether running twice
 * does no harm.
 *
 * @param {import("../driver/open.ts").Patience} retry
 * @param {any} options
 */
export const patience = (retry, options) => ({
  ...retry,
  timeout: millis(options, "timeout"),
  idempotent: flag(options, "idempotent"),
});

/** What a submit is. @param {any} options */
export const submission = (options) => ({
  path: text(options, "path"),
  method: methodOf(options),
  webhook: text(options, "webhookUrl"),
  maxQueueLength: maxQueueLength(options),
});
