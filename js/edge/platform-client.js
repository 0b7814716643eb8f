/** The client of the Platform APIs: any operation by its path, lists by their items, and what people do every day. */

import { SERVER_ONLY } from "./codes.js";
import { createDesk } from "./desk.js";
import { enter } from "./enter.js";
import { Problem } from "./errors.js";
import { text } from "./options.js";
import { createCall } from "./platform-call.js";
import { createHelpers } from "./platform-helpers.js";
import { createLists } from "./platform-lists.js";

/**
 * @param {import("./desk.js").Desk} desk
 * @param {any} config
 * @returns {any}
 */
export function createPlatform(desk, config) {
  const scope = enter(() => {
    if (!desk.place.trusted) throw new Problem(SERVER_ONLY, undefined, "platform");
    return text(config, "scope");
  });
  const withKey = (/** @type {string} */ credentials) =>
    createPlatform(createDesk({ ...config, credentials }), { ...config, scope: "" });
  const call = createCall(desk, scope);
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
