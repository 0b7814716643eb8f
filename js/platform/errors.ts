/** What went wrong with a call of the Platform APIs, in the words of this package's errors. */

import { Need } from "#core";
import { ApiError } from "../errors/errors.ts";
import { failure } from "../host/server/host.ts";

/** What the presets of fal's newer keys may do, as far as it is known. @type {Record<string, string[]>} */
const PRESETS = {
  "models:requests:submit": ["API", "FULL"],
  "models:requests:read": ["API", "FULL"],
  "billing:usage:read": ["BILLING", "READONLY", "FULL"],
  "auth:keys:read": ["BILLING", "FULL"],
  "auth:keys:write": ["FULL"],
  "serverless:files:read": ["SERVERLESS", "DEPLOY", "READONLY", "FULL"],
  "compute:instances:read": ["COMPUTE", "READONLY", "FULL"],
};

/** @param {unknown} value */
const text = (value) => (typeof value === "string" && value !== "" ? value : undefined);

/**
 * Why a key that is good was refused, and which one would do.
 *
 * @param {import("./call.ts").Known} known @param {string} said
 */
function missing({ name, need }, said) {
  const [, permission = ""] = /permission (\w+(?::\w+)+)/i.exec(said) ?? [];
  const presets = PRESETS[permission];
  const which = presets ? ` (presets ${presets.join(", ")})` : "";
  if (permission) return `${name} needs the permission ${permission}${which}, and the key does not have it.`;
  return need === Need.Admin ? `${name} needs a key of scope ADMIN, and the key is none.` : "";
}

/**
 * Makes the error of a call that failed.
 *
 * @param {import("./call.ts").Known} known
 * @returns {typeof failure}
 */
export const explaining = (known) => (kind, facts) => {
  const said = /** @type {any} */ (facts.body)?.error;
  const requestId = text(facts.requestId) ?? text(said?.request_id);
  const error = failure(kind, { ...facts, endpoint: known.name, requestId });
  if (!(error instanceof ApiError)) return error;
  const more = { errorType: text(said?.type), docsUrl: text(said?.docs_url) };
  for (const [name, value] of Object.entries(more)) if (value) Object.assign(error, { [name]: value });
  const why =
    error.status === 403 &&
    /^(forbidden|permission_missing)$/.test(error.code) &&
    missing(known, String(said?.message));
  if (why) {
    error.code = "scope_required";
    error.message = `${why} Make a key that has it at fal.ai/dashboard/keys. Trying again will not help.`;
  }
  return error;
};
