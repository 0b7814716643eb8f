/** What the proxy asks of the core: is this policy one, may this call come in, where may it go. */

import { FailureKind } from "../core/wire.ts";
import { ProxyPolicy, isForwardable } from "#core";
import { isKey } from "../core/texts.ts";
import { OperationError } from "../errors/errors.ts";
import { isServer } from "../host/server/host.ts";
import { checkInputs } from "./input-rules.ts";
import { fetchOf, invalidOption } from "../client/options.ts";
import { MIN_SECRET_BYTES } from "./ownership.ts";
import { checkPrices } from "../limits/prices.ts";

/** @typedef {import("../types/proxy.d.ts").ProxyOptions} ProxyOptions */

/** Answers of the gate that are no refusals. */
export const ENTER = -1;
export const PREFLIGHT = -2;

/**
 * Decides with the core, and gives back what it allocated for that.
 *
 * @template T
 * @param {ProxyOptions} options
 * @param {(gate: ProxyPolicy) => T} decide
 */
function withGate({ allowedEndpoints, trustedOrigins = [], uploads = true, realtimeTokens = false }, decide) {
  if (!Array.isArray(allowedEndpoints)) invalidOption("allowedEndpoints");
  if (!Array.isArray(trustedOrigins)) invalidOption("trustedOrigins");
  const gate = new ProxyPolicy(
    allowedEndpoints.map(String),
    trustedOrigins.map(String),
    uploads,
    Boolean(realtimeTokens),
  );
  try {
    return decide(gate);
  } finally {
    gate.free();
  }
}

/** Checks options: what is wrong with a proxy shows when it is made, not when it is called. @param {ProxyOptions} options */
export function checkOptions(options) {
  if (!isServer(options)) throw new OperationError(FailureKind.CredentialsInBrowser);
  const isPublic = options.authenticate === "anonymous-public" && options.limits?.spending !== undefined;
  if (!isPublic && typeof options.authenticate !== "function") invalidOption("authenticate");
  const { forwardHeaders = [] } = options;
  if (!Array.isArray(forwardHeaders) || !forwardHeaders.every((name) => isForwardable(name))) invalidOption("forwardHeaders");
  tokenSeconds(options);
  fetchOf(options);
  checkSecrets(options);
  checkBounds(options);
  checkInputs(options);
  checkLimits(options);
  withGate(options, () => {});
}

/** @param {ProxyOptions} options */
function checkSecrets({ secret, ownership = true, scope = "API" }) {
  if (scope !== "API") invalidOption("scope");
  if (typeof secret === "string" && new TextEncoder().encode(secret.trim()).byteLength < MIN_SECRET_BYTES)
    invalidOption("secret");
  const { expirationSeconds = 1 } = Object(ownership);
  if (typeof ownership !== "boolean" && !isPositive(expirationSeconds)) invalidOption("ownership");
}

/** @param {ProxyOptions} options */
function checkBounds({ maxBodyBytes = 1, timeouts = {}, webhookUrl = () => undefined }) {
  if (!isPositive(maxBodyBytes)) invalidOption("maxBodyBytes");
  if (!Object.values(timeouts).every((ms) => ms === undefined || isPositive(ms))) invalidOption("timeouts");
  if (typeof webhookUrl !== "function" && !/^https?:\/\/./.test(webhookUrl)) invalidOption("webhookUrl");
}

/** Limits that say nothing are a mistake, and so is money without prices. @param {ProxyOptions} options */
function checkLimits({ limits }) {
  if (limits === undefined) return;
  const { store, requests, concurrent, spending, leaseSeconds = 1 } = limits;
  const counted = [requests?.max ?? 1, requests?.windowSeconds ?? 1, concurrent ?? 1, leaseSeconds];
  const spent = [spending?.max ?? 1, spending?.windowSeconds ?? 1];
  const isStore = typeof store === "function" || typeof store?.reserve === "function";
  if (!isStore || ![...counted, ...spent].every(isPositive)) invalidOption("limits");
  if (spending) checkPrices(spending);
}

/** @param {unknown} value */
const isPositive = (value) => typeof value === "number" && value > 0 && value < Infinity;

/** Seconds a token lasts. It only has to last until the connection is open. @param {ProxyOptions} options */
export function tokenSeconds({ realtimeTokens }) {
  const seconds = (typeof realtimeTokens === "object" && realtimeTokens.expirationSeconds) || 120;
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600 ? seconds : invalidOption("realtimeTokens");
}

/** Whether tokens may be asked for under all of these names. @param {ProxyOptions} options @param {boolean} newer @param {string[]} names */
export const mayMint = (options, newer, names) =>
  names.length > 0 && withGate(options, (gate) => names.every((name) => gate.mayIssueToken(newer, name)));

/** A header, or undefined. @param {Headers} headers @param {string} name */
const get = (headers, name) => headers.get(name) ?? undefined;

/**
 * Looks at a call as it comes in: `ENTER`, `PREFLIGHT`, or the number of a refusal; and whether the answer may be read
 * by the page that asks.
 *
 * @param {ProxyOptions} options
 * @param {Request} request
 */
export function inspect(options, { headers, method, url }) {
  const leaksKey = [url, ...[...headers].flat()].some((text) => isKey(text));
  const [origin, site, contentType] = ["origin", "sec-fetch-site", "content-type"].map((name) => get(headers, name));
  return withGate(options, (gate) => ({
    verdict: gate.admit(method, url, origin, site, contentType, leaksKey),
    reader: gate.trusts(origin) ? origin : undefined,
  }));
}

/**
 * Where a call may go: a passage that has to be freed, or the number of a refusal.
 *
 * @param {ProxyOptions} options
 * @param {Request} request
 * @returns {import("#core").UpstreamRequest | number}
 */
export const passageFor = (options, { headers, method }, target = get(headers, "x-fal-target-url")) =>
  withGate(options, (gate) => {
    try {
      return gate.upstream(method, target);
    } catch (error) {
      if (typeof error === "number") return error;
      throw error;
    }
  });
