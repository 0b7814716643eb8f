/** What an answer with an error status means: how it is called, whether to try again, and what to do about it. */

/** What a text says of locked accounts, of empty ones, and of keys that may not do everything. */
const LOCKED = /is locked/i;
const UNPAID = /balance|top.?up/i;
const UNPERMITTED = /permission|scope/i;
/** What it says of a result that is not there yet. */
const UNFINISHED = /still in progress/i;

/** Types of model errors that are codes of their own; the others are `validation_error`. They are fal's to name and stay as they are. */
const MODEL_ERRORS =
  /^(internal_server_error|generation_timeout|downstream_service_(error|unavailable)|content_policy_violation|no_media_generated|image_(too_(small|large)|load_error)|file_(download_error|too_large)|face_detection_error|(greater|less)_than(_equal)?|multiple_of|sequence_too_(short|long)|one_of|feature_not_supported|invalid_archive|archive_file_count_(below_minimum|exceeds_maximum)|(audio|video)_duration_too_(long|short)|unsupported_(audio|image|video)_format)$/;

/** @type {Record<number, string>} */
const CODES = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  413: "payload_too_large",
  422: "validation_error",
  429: "rate_limited",
};

/** @type {Record<string, string>} */
const ADVICE = {
  unauthorized: 'Check that the key is whole ("id:secret"), of the right team, and not revoked: fal.ai/dashboard/keys.',
  balance_exhausted: "The key is good; the account has to be topped up: fal.ai/dashboard/billing.",
  account_locked: "The key is good; the account is locked. Write to support@fal.ai.",
  permission_missing:
    "The key is good, and may not do this. Models need the scope API, private apps and the account ADMIN: fal.ai/dashboard/keys.",
  forbidden: "Check the scope of the key, and whether its team may use this endpoint.",
  concurrency_limit:
    "The account has as many requests running as it may. `subscribe` and `queue.submit` wait for their turn.",
  in_progress: "The result is there when the status is COMPLETED; `queue.subscribeToStatus` waits for it.",
  start_timeout: "It did not start within `startTimeout`.",
};

/** @param {unknown} value */
const text = (value) => (typeof value === "string" && value !== "" ? value : undefined);

/** The first entry of a model's explanation. @param {any} body */
const firstDetail = (body) => (Array.isArray(body?.detail) ? body.detail[0] : undefined);

/** What fal calls an error. @param {any} body @param {string} [header] */
export const errorTypeOf = (body, header) =>
  text(body?.error_type) ?? header ?? text(firstDetail(body)?.type) ?? text(body?.type);

/**
 * The code of an answer: the proxy's, or fal's own name for the error, or one for its status.
 *
 * @param {number} status @param {any} body @param {string} [errorType] @param {string} [timeoutType]
 */
export function codeOf(status, body, errorType, timeoutType) {
  const code = text(body?.error?.code);
  if (code) return code;
  if (timeoutType === "user") return "start_timeout";
  if (errorType === "concurrent_requests_limit") return "concurrency_limit";
  if (errorType && (errorType !== text(firstDetail(body)?.type) || MODEL_ERRORS.test(errorType))) return errorType;
  const said = explanation(body) ?? "";
  if (status === 403 && LOCKED.test(said)) return UNPAID.test(said) ? "balance_exhausted" : "account_locked";
  if (status === 403 && UNPERMITTED.test(said)) return "permission_missing";
  if (status === 429 && /concurrent requests limit/i.test(said)) return "concurrency_limit";
  if (status === 400 && UNFINISHED.test(said)) return "in_progress";
  // The code with which a socket was closed.
  if (status >= 1000) return "connection_closed";
  return CODES[status] ?? (status < 500 ? "request_failed" : "server_error");
}

/**
 * Whether trying again can help, where fal does not say so itself.
 *
 * @param {number} status @param {string} [timeoutType] @param {string} [code]
 */
export const isRetryable = (status, timeoutType, code) =>
  timeoutType !== "user" &&
  code !== "upstream_auth" &&
  (code === "in_progress" || status === 408 || status === 429 || (status >= 500 && status < 1000));

/** What to do about an answer. @param {string} code @param {number} [retryAfterMs] */
export function adviceOn(code, retryAfterMs) {
  const wait = retryAfterMs === undefined ? [] : [`It asks to wait ${Math.ceil(retryAfterMs / 1000)} s.`];
  return [ADVICE[code] ?? [], wait].flat();
}

/** Nobody reads more of it in a message; `body` has the rest. */
const MAX_SAID = 1_000;

/** What an answer says for people to read. Never what came in: an explanation may echo a whole input elsewhere. @param {any} body */
export function explanation(body) {
  const first = firstDetail(body);
  const field = Array.isArray(first?.loc) ? first.loc.slice(1).join(".") : "";
  const candidates = [body?.error?.message, body?.detail, first?.msg && (field ? `${field}: ${first.msg}` : first.msg)];
  return candidates.concat(body?.message, body?.error).map(text).find(Boolean)?.slice(0, MAX_SAID);
}
