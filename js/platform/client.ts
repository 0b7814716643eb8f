/** The client of the Platform APIs: any operation by its path, lists by their items, and what people do every day. */

import { SERVER_ONLY } from "../core/codes.ts";
import { createContext } from "../client/context.ts";
import { callCore } from "../core/call-core.ts";
import { OperationError } from "../errors/errors.ts";
import { text } from "../client/options.ts";
import { createCall } from "./call.ts";
import { createHelpers } from "./helpers.ts";
import { createLists } from "./pages.ts";

/**
 * @param {import("../client/context.ts").ClientContext} context
 * @param {any} config
 * @returns {any}
 */
export function createPlatform(context, config) {
  const scope = callCore(() => {
    if (!context.transport.trusted) throw new OperationError(SERVER_ONLY, undefined, "platform");
    return text(config, "scope");
  });
  const withKey = (/** @type {string} */ credentials) =>
    createPlatform(createContext({ ...config, credentials }), { ...config, scope: "" });
  const call = createCall(context, scope);
  const list = createLists(call);
  const by = (/** @type {string} */ method) => (/** @type {string} */ path, /** @type {any} */ init) =>
    call(method, path, init);
  return {
    GET: by("GET"),
    POST: by("POST"),
    PUT: by("PUT"),
    PATCH: by("PATCH"),
    DELETE: by("DELETE"),
    list: (/** @type {string} */ path, /** @type {any} */ init) => list("GET", path, init),
    ...createHelpers(call, list, withKey),
  };
}
