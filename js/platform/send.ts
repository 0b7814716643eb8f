/** Sending a call of the Platform APIs: always to fal itself, with the key, never through a proxy. */

import { CREDENTIALS_MISSING, INTERNAL } from "../core/codes.ts";
import { Need } from "#core";
import { findCredential } from "../host/server/credentials.ts";
import { OperationError } from "../errors/errors.ts";
import { USER_AGENT, insist } from "../host/server/host.ts";
import { declare, json } from "../driver/request.ts";

/** @typedef {import("./call.ts").Known} Known */

/**
 * Values as a query: a list is its name once for each value.
 *
 * @param {string} url @param {Record<string, any>} values
 */
function withQuery(url, values) {
  const pairs = Object.entries(values).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  const query = String(
    new URLSearchParams(pairs.filter(([, value]) => value != null).map(([name, value]) => [name, String(value)])),
  );
  return query ? `${url}?${query}` : url;
}

/** The body, as the operation takes it. @param {Known} known @param {any} body */
function bodyOf({ takes }, body) {
  if (takes !== "multipart/form-data") return body === undefined ? {} : { body: json(body), contentType: takes };
  const isForm = Object.prototype.toString.call(body) === "[object FormData]";
  const form = isForm ? body : new FormData();
  if (!isForm) for (const [name, value] of Object.entries(body ?? {})) form.append(name, /** @type {any} */ (value));
  // Its content type names a boundary, which only `fetch` knows.
  return { body: form };
}

/** The key, where one goes along. @param {Need} need @param {import("../host/server/credentials.ts").Credentials} from */
async function credentialFor(need, from) {
  if (need === Need.None) return undefined;
  return findCredential(from).catch((error) => {
    const isMissing = error instanceof OperationError && error.kind === CREDENTIALS_MISSING && error.cause === undefined;
    if (need === Need.Optional && isMissing) return undefined;
    throw error;
  });
}

/**
 * How a call is sent. What the caller gave stays the same from try to try, so that fal knows it again.
 *
 * @param {Known} known
 * @param {{ query: Record<string, any>, body: unknown, key?: string }} given
 * @returns {typeof import("../host/server/host.ts").send}
 */
export const sending = (known, { query, body: value, key }) => {
  return async ({ transport, own }, asked, signal) => {
    const { url, method, token, task } = asked;
    const headers = new Headers(own);
    const { body, contentType } = bodyOf(known, value);
    declare(headers, known.gives || "application/json", contentType);
    if (key) headers.set("idempotency-key", key);
    headers.set("user-agent", USER_AGENT);
    const target = withQuery(url, query);
    const credential = await credentialFor(known.need, transport.credentials);
    if (credential && !task.authorize(token, target, headers, credential)) throw new OperationError(INTERNAL);
    const go = () => {
      /** @type {RequestInit} */
      const init = { method, headers: Object.fromEntries(headers), body, signal, redirect: "manual" };
      return (transport.fetch ?? fetch)(target, init);
    };
    return insist(transport, asked, { target, headers, keyed: credential !== undefined, signal }, go);
  };
};
