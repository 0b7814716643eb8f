/** Short-lived tokens: what opens a realtime connection where there is no key. */

import { FailureKind, OperationKind } from "../core/wire.ts";
import { isKey } from "../core/texts.ts";
import { prepare } from "../driver/operation.ts";
import { callCore } from "../core/call-core.ts";
import { failure } from "#host/host.ts";

/** Seconds a token is asked to last; it only has to last until the connection is open. */
export const TOKEN_SECONDS = 120;

/** Owners that have one more part between them and the app (src/protocol/endpoint.rs). */
const NAMESPACES = ["workflows", "comfy"];

/** The bare name of an endpoint's app. @param {string} endpoint */
export function aliasOf(endpoint) {
  const parts = endpoint.split("/");
  return parts[NAMESPACES.includes(parts[0]) ? 2 : 1];
}

/** Answers that say that there is no such contract here, or that a proxy does not know it. */
export const OTHER_CONTRACT = [404, 405, 410, 412];

/** What the contracts, and proxies in front of them, call the token. @param {any} answer */
export const tokenIn = (answer) =>
  [answer, answer?.token, answer?.detail].find((text) => text && typeof text === "string");

/** A token that is a key would be in the address of the connection, and in every log on its way. @param {string} token */
export function checked(token) {
  if (isKey(token)) throw failure(FailureKind.CredentialsInBrowser, {});
  return token;
}

/**
 * The token of a caller's own provider, or one that fal is asked for.
 *
 * @param {import("#host/host.ts").Transport} transport
 * @param {{ tokenProvider?: (endpoint: string) => string | Promise<string>, endpoint: string, seconds: number }} wanted
 * @param {AbortSignal} signal
 */
export async function tokenFor(transport, { tokenProvider, endpoint, seconds }, signal) {
  if (!tokenProvider) return issueToken(transport, endpoint, seconds, signal);
  const token = await tokenProvider(endpoint);
  if (typeof token !== "string" || token === "") throw new TypeError("`tokenProvider` has to give a token.");
  return checked(token);
}

/**
 * Asks for a token for an endpoint. The newer contract names the endpoint in full, so that a proxy can hold it against
 * its list; where only the older one is known, that one is asked.
 *
 * One try each: whoever connects tries again, each time with a fresh token.
 *
 * @param {import("#host/host.ts").Transport} transport
 * @param {string} endpoint
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
export async function issueToken(transport, endpoint, seconds, signal) {
  const [patience, retryBudget] = [{ maxRetries: 0 }, { spent: 0 }];
  const ask = async (/** @type {boolean} */ newer, /** @type {object} */ input) => {
    const start = callCore(() => prepare({ operation: OperationKind.IssueToken, newer }, { transport, patience, retryBudget }));
    const { data } = await start({ input }, signal);
    const token = tokenIn(data);
    if (token === undefined) throw failure(FailureKind.AnswerInvalid, { endpoint });
    return checked(token);
  };
  try {
    return await ask(true, { allowed_apps: [endpoint], duration: seconds });
  } catch (error) {
    if (!OTHER_CONTRACT.includes(/** @type {any} */ error.status)) throw error;
  }
  return ask(false, { allowed_apps: [aliasOf(endpoint)], token_expiration: seconds });
}
