/**
 * Errors as callers see them. The core sends a number and a few facts (src/client/failure.rs); the sentences are here.
 *
 * A message says what happened, whether trying again can help, and what to do next. It never holds a credential or a
 * prompt: of an answer's explanation only the fields that fal writes for people are quoted, and `body`, which may echo
 * a caller's whole input, is kept off `console.log` and JSON.
 */

/**
 * @typedef {object} Facts
 * @property {number} [attempts]
 * @property {unknown} [body]
 * @property {number} [cancelled]
 * @property {unknown} [cause]
 * @property {string} [endpoint]
 * @property {boolean} [isQueued] Whether the request is in the queue, and goes on there.
 * @property {string} [option]
 * @property {number} [part] Which part of a file it was; 0 when it was none.
 * @property {string} [requestId]
 * @property {boolean} [retryable]
 * @property {number} [reason] Why, as the type that refused says it.
 * @property {number} [retryAfterMs]
 * @property {number} [status]
 * @property {boolean} [userTimeout]
 */

/** @typedef {(facts: Facts) => string} Sentence */

/** Something wrong, found by the skin itself and not yet said in a sentence. */
export class Problem extends Error {
  /** @param {number} kind @param {unknown} [cause] @param {string} [option] @param {number} [reason] */
  constructor(kind, cause, option, reason) {
    super(undefined, { cause });
    this.kind = kind;
    this.option = option;
    this.reason = reason;
  }
}

/** What became of cancelling the request at fal, by the numbers of `Cancelled`. */
const CANCELLED = [undefined, "accepted", "refused", "unknown"];

/** What every error of this package has. */
export class FalError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Facts} [facts]
   * @param {boolean} [retryable]
   */
  constructor(code, message, facts = {}, retryable = false) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "FalError";
    this.code = code;
    this.retryable = facts.retryable ?? retryable;
    this.attempts = facts.attempts ?? 0;
    const { endpoint, requestId, retryAfterMs } = facts;
    const part = facts.part || undefined;
    const cancelled = CANCELLED[facts.cancelled ?? 0];
    // What is not known is not there, so that it does not clutter what is printed.
    for (const [name, value] of Object.entries({ endpoint, requestId, retryAfterMs, part, cancelled })) {
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true, configurable: true });
    }
  }
}

/** A credential is missing, is not one, or is where it must not be. */
export class CredentialsError extends FalError {
  /** @param {string} code @param {string} message @param {Facts} [facts] */
  constructor(code, message, facts) {
    super(code, message, facts);
    this.name = "CredentialsError";
  }
}

/** fal, or the proxy, answered with an error. */
export class ApiError extends FalError {
  #body;

  /**
   * @param {{ message: string, status: number, body?: any, requestId?: string, timeoutType?: string }} args
   * @param {Facts} [facts]
   */
  constructor({ message, status, body, requestId = "", timeoutType }, facts) {
    super(codeOf(status, body, timeoutType), message, { ...facts, requestId }, isRetryable(status, timeoutType));
    this.name = "ApiError";
    this.status = status;
    this.#body = body;
    if (timeoutType !== undefined) this.timeoutType = timeoutType;
  }

  /** What the server explained itself with: parsed JSON, or text. May echo the input, so it is not printed. */
  get body() {
    return this.#body;
  }

  /** Whether the caller's own `startTimeout` ran out. */
  get isUserTimeout() {
    return this.status === 504 && this.timeoutType === "user";
  }
}

/** The input was refused (422). */
export class ValidationError extends ApiError {
  /** @param {ConstructorParameters<typeof ApiError>[0]} args @param {Facts} [facts] */
  constructor(args, facts) {
    super(args, facts);
    this.name = "ValidationError";
  }

  /** One entry for each field that was refused. */
  get fieldErrors() {
    const detail = this.body?.detail;
    if (typeof detail === "string") return [{ loc: ["body"], msg: detail, type: "value_error" }];
    return Array.isArray(detail) ? detail : [];
  }

  /** The entries of one field. @param {string} field */
  getFieldErrors(field) {
    return this.fieldErrors.filter(({ loc }) => loc?.[loc.length - 1] === field);
  }
}

const AGAIN = "Trying again may help.";
const NOT_AGAIN = "Trying again will not help.";

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

/** @param {number} status @param {any} body @param {string} [timeoutType] */
function codeOf(status, body, timeoutType) {
  if (typeof body?.error?.code === "string") return body.error.code;
  if (timeoutType === "user") return "start_timeout";
  // The code with which a socket was closed.
  if (status >= 1000) return "connection_closed";
  return CODES[status] ?? (status < 500 ? "request_failed" : "server_error");
}

/** @param {number} status @param {string} [timeoutType] */
const isRetryable = (status, timeoutType) =>
  timeoutType !== "user" && (status === 408 || status === 429 || (status >= 500 && status < 1000));

/** What an answer says for people to read. @param {any} body */
function explanation(body) {
  const first = Array.isArray(body?.detail) ? body.detail[0] : undefined;
  const field = Array.isArray(first?.loc) ? first.loc.slice(1).join(".") : "";
  const candidates = [body?.error?.message, body?.detail, first?.msg && (field ? `${field}: ${first.msg}` : first.msg)];
  return candidates.concat(body?.message, body?.error).find((text) => typeof text === "string" && text !== "");
}

/** @param {Facts} facts */
function http(facts) {
  const { status = 0, body, requestId, userTimeout } = facts;
  const timeoutType = userTimeout ? "user" : undefined;
  const said = explanation(body);
  if (/** @type {any} */ (body)?.error?.code === "credentials_in_browser") {
    return new CredentialsError("credentials_in_browser", said ?? "A fal key was sent from a browser.", facts);
  }
  const about = facts.endpoint ?? "The request";
  const again = (facts.retryable ?? isRetryable(status, timeoutType)) ? AGAIN : NOT_AGAIN;
  const message = `${about} was answered with ${status}${said ? `: ${said}` : "."} ${again}${ofPart(facts)}`.replace(
    /([^.!?]) Trying/,
    "$1. Trying",
  );
  const args = { message, status, body, requestId, timeoutType };
  return status === 422 ? new ValidationError(args, facts) : new ApiError(args, facts);
}

/** What it means for a file that a part of it failed. @param {Facts} facts */
const ofPart = ({ part }) =>
  part
    ? ` It was part ${part} of the file. The other parts were stopped and nothing of the file is stored; uploading it again ` +
      "begins with the first part."
    : "";

const ENDPOINT_FORM = 'It has the form "owner/app" or "owner/app/path", for example "fal-ai/flux/dev".';
const ENDPOINT_REASONS = [
  "The endpoint id is too short.",
  "The endpoint id is too long.",
  "The endpoint id has an empty part, or a character that cannot be in one.",
  "The endpoint id is a URL.",
];

const FILE_REASONS = [
  "its stream failed",
  "its stream ended before `size` bytes",
  "its stream has more than `size` bytes",
  "its stream gave something that is not bytes",
];

const PROXY_SAMPLE = 'fal.config({ proxyUrl: "/api/fal/proxy" })';
const PROXY_URL_REASONS = [
  "",
  "It is empty.",
  "It begins with two slashes; write the scheme, or a path.",
  "It must be relative, https:, or http: on this machine.",
  "It carries a user name or password.",
  "Its host is missing or not written in plain ASCII.",
  "It has white space, a control character or a backslash.",
  "It is one of fal's own hosts. Those need a key; a browser talks to your proxy.",
];

/** @param {Facts} facts */
const queued = ({ requestId, isQueued }) =>
  isQueued ? ` The request goes on at fal under the id ${requestId}; its result can still be fetched.` : "";

/** What a broken connection leaves open: running a model is sent once, an upload as often as it takes. @param {Facts} facts */
const unknown = ({ endpoint, attempts }) =>
  endpoint
    ? " It is not known whether the request was executed, so it was not sent again."
    : ` It was tried ${attempts} times. ${AGAIN}`;

/** @param {Facts} facts */
const ended = (facts) =>
  [
    queued(facts),
    " It was cancelled at fal.",
    " fal refused to cancel it, usually because it was completed already." + queued(facts),
    " It was asked to be cancelled, and fal did not answer in time.",
  ][facts.cancelled ?? 0];

/**
 * Code, sentence, and whether trying again can help, by the numbers of `FailureKind`. Credentials have sentences of
 * their own in each build, and answers with an error status speak for themselves.
 *
 * @type {Record<number, [code: string, sentence: Sentence, retryable?: boolean]>}
 */
const SENTENCES = {
  0: [
    "internal",
    () => `Something broke inside fal-wasm; this is a bug in it. The next call starts afresh. ${AGAIN}`,
    true,
  ],
  2: [
    "proxy_url_missing",
    () =>
      `In a browser this client talks only to your own proxy, and none is set. Before the first call: ${PROXY_SAMPLE}. ` +
      'On your server, answer that URL with createFalProxy({ ... }) from "fal-wasm/proxy".',
  ],
  3: [
    "proxy_url_invalid",
    ({ reason = 0 }) => `\`proxyUrl\` cannot be used. ${PROXY_URL_REASONS[reason]} For example: ${PROXY_SAMPLE}.`,
  ],
  6: ["invalid_endpoint_id", ({ reason = 0 }) => `${ENDPOINT_REASONS[reason]} ${ENDPOINT_FORM} Nothing was sent.`],
  7: [
    "invalid_request_id",
    () => "The request id is missing or is not one. Pass the `requestId` that submitting gave. Nothing was sent.",
  ],
  8: ["invalid_option", ({ option }) => `The option \`${option}\` has a value it cannot have. Nothing was sent.`],
  9: [
    "invalid_input",
    () => "The input cannot be written as JSON (it refers to itself, or holds a BigInt or a stream). Nothing was sent.",
  ],
  10: ["unreachable", () => `No connection could be made, so nothing was sent. ${AGAIN}`, true],
  11: [
    "connection_lost",
    (facts) => `The connection failed before the answer was complete.${queued(facts) || unknown(facts)}`,
    true,
  ],
  13: [
    "invalid_answer",
    (facts) =>
      "The answer is not what fal's protocol says. If it came through a proxy, look whether there is one at `proxyUrl`, " +
      `and whether it passes answers on unchanged.${queued(facts)}`,
  ],
  14: [
    "redirected",
    () =>
      "The answer is a redirect, and none is followed: a credential must not go where it was not sent. Use the final URL.",
  ],
  15: ["timeout", (facts) => `The request was not completed within \`timeout\`.${ended(facts)}`, true],
  16: ["aborted", (facts) => `The call was aborted.${ended(facts)}`],
  17: [
    "job_failed",
    ({ requestId }) => `The request ${requestId} was completed with an error. Its last queue status has it.`,
  ],
  18: [
    "file_unreadable",
    ({ reason = 0 }) => `The file could not be read: ${FILE_REASONS[reason]}. Upload it again from a new stream.`,
  ],
  19: [
    "stream_stalled",
    () => `The stream was silent for longer than \`timeout\`. ${AGAIN} A longer \`timeout\` lets a slow model go on.`,
    true,
  ],
  20: [
    "stream_failed",
    ({ body }) => {
      const said = explanation(body);
      return `The model began to answer and then failed${said ? `: ${said}` : "."}`;
    },
  ],
  21: [
    "token_unavailable",
    () => "No token for the realtime connection could be had; `cause` says why. Nothing was sent.",
  ],
  22: [
    "outbox_full",
    () =>
      "The message found no room in the outbox and was not taken: send slower, raise `outboxFrames` or `outboxBytes`, or " +
      'use `outbox: "latest"`.',
    true,
  ],
  23: [
    "websocket_missing",
    () =>
      "This runtime has no WebSocket that can carry a key, so nothing was sent. Use Node 22 or newer, or pass one: " +
      'createFalClient({ WebSocket }), for example that of the package "ws".',
  ],
};

/**
 * Makes the error of a failure.
 *
 * @param {Record<number, [code: string, sentence: Sentence]>} credentialSentences
 * @param {number} kind
 * @param {Facts} facts
 * @returns {FalError}
 */
export function makeError(credentialSentences, kind, facts) {
  const credentials = credentialSentences[kind];
  if (credentials) return new CredentialsError(credentials[0], credentials[1](facts), facts);
  if (kind === 12) return http(facts);
  const [code, sentence, retryable] = SENTENCES[kind] ?? SENTENCES[0];
  const error = new FalError(code, sentence(facts) + ofPart(facts), facts, retryable);
  // What `fetch` calls it: programs ask for this name.
  if (code === "aborted") error.name = "AbortError";
  return error;
}
