/** Errors of the Platform APIs, expressed as errors of this package. */

import { Who } from "../core/wire.ts";
import { ApiError, FalError, type ErrorFacts } from "../errors/errors.ts";
import { failure } from "../host/server/host.ts";
import type { KnownOperation } from "./call.ts";

/** The presets of fal's newer keys that include a permission, as far as they are known. */
const PRESETS: Record<string, string[]> = {
  "models:requests:submit": ["API", "FULL"],
  "models:requests:read": ["API", "FULL"],
  "billing:usage:read": ["BILLING", "READONLY", "FULL"],
  "auth:keys:read": ["BILLING", "FULL"],
  "auth:keys:write": ["FULL"],
  "serverless:files:read": ["SERVERLESS", "DEPLOY", "READONLY", "FULL"],
  "compute:instances:read": ["COMPUTE", "READONLY", "FULL"],
};

/** What fal's Platform APIs say about an error. */
interface ExplanationBody {
  error?: { request_id?: unknown; type?: unknown; docs_url?: unknown; message?: unknown };
}

/** Makes the error of a failed call from the kind of the failure. */
export type Explain = (kind: number, facts: ErrorFacts) => FalError;

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Why fal refused a valid key, and which key it would accept. */
function missingPermission({ name, who }: KnownOperation, said: string): string {
  const [, permission = ""] = /permission (\w+(?::\w+)+)/i.exec(said) ?? [];
  const presets = PRESETS[permission];
  const which = presets ? ` (presets ${presets.join(", ")})` : "";
  if (permission) return `${name} needs the permission ${permission}${which}, and the key does not have it.`;
  return who === Who.Admin ? `${name} needs a key of scope ADMIN, and this key has another scope.` : "";
}

/** Makes the errors of one operation. */
export const explaining =
  (known: KnownOperation): Explain =>
  (kind, facts) => {
    const said = (facts.body as ExplanationBody | undefined)?.error;
    const requestId = text(facts.requestId) ?? text(said?.request_id);
    const error = failure(kind, { ...facts, endpoint: known.name, requestId });
    if (!(error instanceof ApiError)) return error;
    const more = { errorType: text(said?.type), docsUrl: text(said?.docs_url) };
    for (const [name, value] of Object.entries(more)) if (value) Object.assign(error, { [name]: value });
    const isForbidden = error.status === 403 && /^(forbidden|permission_missing)$/.test(error.code);
    const why = isForbidden ? missingPermission(known, String(said?.message)) : "";
    if (!why) return error;
    const message = `${why} Make a key that has it at fal.ai/dashboard/keys. Trying again will not help.`;
    return Object.assign(error, { code: "scope_required", message });
  };
