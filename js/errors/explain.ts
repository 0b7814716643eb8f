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

const CODES: Record<number, string | undefined> = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  413: "payload_too_large",
  422: "validation_error",
  429: "rate_limited",
};

const ADVICE: Record<string, string | undefined> = {
  unauthorized: 'Check that the key is whole ("id:secret"), of the right team, and not revoked: fal.ai/dashboard/keys.',
  balance_exhausted: "The key is good; the account has to be topped up: fal.ai/dashboard/billing.",
  account_locked: "The key is good; the account is locked. Write to support@fal.ai.",
  permission_missing:
    "The key is good, and may not do this. Models need the scope API, private apps and the account ADMIN: fal.ai/dashboard/keys.",
  forbidden: "Check the scope of the key, and whether its team may use this endpoint.",
  concurrency_limit:
    "The account has as many requests running as it may. `subscribe` and `queue.submit` wait for their turn.",
  in_progress: "The result is there when the status is COMPLETED; `queue.subscribeToStatus` waits for it.",
  request_not_found:
    "The id alone is not enough: keep `JSON.stringify(fal.queue.handle(endpointId, requestId))`, which also shows the proxy that it is yours.",
  start_timeout: "It did not start within `startTimeout`.",
};

/** What a visitor of an app can be told, by the codes of errors. */
const FOR_VISITORS = {
  "rate_limited|too_many_jobs|concurrency_limit": "Too many requests. Please wait a moment and try again.",
  budget_exhausted: "The limit is used up for now. Please come back later.",
  unauthenticated: "Please sign in and try again.",
  "unreachable|connection_lost|timeout|stream_stalled": "The connection failed. Please try again.",
  aborted: "It was stopped.",
  "content_policy_violation|input_not_allowed|validation_error|payload_too_large|file_.*|.*_too_(small|large|long|short)":
    "This input cannot be used. Please change it.",
};

/** What a visitor can be told about an error. */
export const forVisitors = (code: string, retryable: boolean): string =>
  Object.entries(FOR_VISITORS).find(([codes]) => new RegExp(`^(${codes})$`).test(code))?.[1] ??
  (retryable ? "That did not work. Please try again." : "This does not work at the moment.");

/** A text that says something. @internal */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A body of an error comes from outside: nothing of it can be relied on, and everything can be asked for. */
type Body = any;

/** The first entry of a model's explanation; of a text, its first letter, which has no fields. */
const firstDetail = (body: Body): Body => body?.detail?.[0];

/** What fal calls an error. */
export const errorTypeOf = (body: Body, header?: string): string | undefined =>
  textOf(body?.error_type) ?? header ?? textOf(firstDetail(body)?.type) ?? textOf(body?.type);

/** The code of a response: the proxy's, or fal's own name for the error, or one for its status. */
export function codeOf(status: number, body: Body, errorType?: string, timeoutType?: string): string {
  const code = textOf(body?.error?.code);
  if (code) return code;
  if (timeoutType === "user") return "start_timeout";
  if (errorType === "concurrent_requests_limit") return "concurrency_limit";
  if (errorType && (errorType !== textOf(firstDetail(body)?.type) || MODEL_ERRORS.test(errorType))) return errorType;
  const said = explanation(body) ?? "";
  if (status === 403 && LOCKED.test(said)) return UNPAID.test(said) ? "balance_exhausted" : "account_locked";
  if (status === 403 && UNPERMITTED.test(said)) return "permission_missing";
  if (status === 429 && /concurrent requests limit/i.test(said)) return "concurrency_limit";
  if (status === 400 && UNFINISHED.test(said)) return "in_progress";
  // The code with which a socket was closed.
  if (status >= 1000) return "connection_closed";
  return CODES[status] ?? (status < 500 ? "request_failed" : "server_error");
}

/** Whether trying again can help, where fal does not say so itself. */
export const isRetryable = (status: number, timeoutType?: string, code?: string): boolean =>
  timeoutType !== "user" &&
  code !== "upstream_auth" &&
  (code === "in_progress" || status === 408 || status === 429 || (status >= 500 && status < 1000));

/** What to do about a response. */
export function adviceOn(code: string, retryAfterMs?: number): string[] {
  const wait = retryAfterMs === undefined ? [] : [`It asks to wait ${Math.ceil(retryAfterMs / 1000)} s.`];
  return [ADVICE[code] ?? [], wait].flat();
}

/** Nobody reads more of it in a message; `body` has the rest. */
const MAX_SAID = 1_000;

/** The words of a response that are for people. Never its other fields: they may echo a whole input. */
export function explanation(body: Body): string | undefined {
  const { loc, msg } = firstDetail(body) ?? {};
  const field = Array.isArray(loc) ? loc.slice(1).join(".") : "";
  const said = msg && field ? `${field}: ${msg}` : msg;
  const candidates = [said, body?.error?.message, body?.detail, body?.message, body?.error];
  return candidates.map(textOf).find(Boolean)?.slice(0, MAX_SAID);
}
