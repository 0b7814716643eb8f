/**
 * What errors say. The core sends a number and a few facts (src/client/failure.rs); the sentences are here.
 *
 * A message says what happened, whether trying again can help, and what to do next. It never holds a credential or a
 * prompt: of an answer's explanation only the fields that fal writes for people are quoted, and `body`, which may echo
 * a caller's whole input, is kept off `console.log` and JSON.
 */

import { FAILURE_CODES, FailureKind, RETRYABLE } from "../core/wire.ts";
import { type ErrorFacts, ApiError, CredentialsError, FalError, ValidationError } from "./errors.ts";
import { adviceOn, codeOf, errorTypeOf, explanation, isRetryable } from "./explain.ts";

/** What is said of a failure. */
export type Sentence = (facts: ErrorFacts) => string;

const AGAIN = "Trying again may help.";
const NOT_AGAIN = "Trying again will not help.";
const ANEW = "Trying again runs the model anew.";
const UNKNOWN = "It is not known whether the request was executed, so it was not sent again";
const UNSENT = "Nothing was sent.";

/**
 * Keeps what an explanation echoes of an input, a prompt as a rule, out of what is printed: it is there for those who
 * ask for it by name.
 */
function hush(body: any): void {
  const detail: unknown = body?.detail;
  for (const entry of Array.isArray(detail) ? detail : [])
    if (entry?.input !== undefined) Object.defineProperty(entry, "input", { enumerable: false });
}

/** A sentence with its full stop. */
const punctuated = (words: string): string => words.replace(/[^.!?]$/, "$&.");

/** A sentence that goes on with what a response says, if anything. */
const quoting = (words: string, said: string | undefined): string => punctuated(said ? `${words}: ${said}` : words);

/** Whether to try again, where it may help. A gateway that gives up does not say what became of a run. */
const mayHelp = ({ status = 0, endpoint, isQueued, attempts }: ErrorFacts): string =>
  endpoint && !isQueued && attempts === 1 && [502, 504].includes(status)
    ? `${UNKNOWN}; trying again may run it twice.`
    : AGAIN;

/** The error of a response. */
function http(facts: ErrorFacts): FalError {
  const { status = 0, requestId, timeoutType, endpoint = "The request", proxy } = facts;
  const body: any = facts.body;
  const said = explanation(body);
  hush(body);
  if (body?.error?.code === "credentials_in_browser") {
    return new CredentialsError("credentials_in_browser", said ?? "A fal key was sent from a browser.", facts);
  }
  const Kind = status === 422 ? ValidationError : ApiError;
  const code = codeOf(status, body, errorTypeOf(body, facts.errorType), timeoutType);
  const happened =
    proxy && !said
      ? `\`${proxy}\` answered ${status} to ${endpoint}, and not as fal or a proxy of this package does: look at \`proxyUrl\`.`
      : quoting(`${endpoint} was answered with ${status}`, said);
  const again = (facts.retryable ?? isRetryable(status, timeoutType, code)) ? mayHelp(facts) : NOT_AGAIN;
  const message = [happened, ...adviceOn(code, facts.retryAfterMs), again].join(" ") + ofPart(facts);
  return new Kind({ message, status, body, requestId, timeoutType }, facts);
}

/** What options can be, where that is not said on the spot. */
const HINTS: Record<string, string | undefined> = {
  contentType: "a media type",
  file: "a Blob, an ArrayBuffer, a typed array, a data: URI, or a stream that nobody reads",
  method: "get, post, put, delete or patch",
  path: "segments of a-z 0-9 . _ - with slashes between them",
  publicEndpoints: "a list of endpoint ids",
  requestMiddleware: "a function that gives back `{ url, method, headers }`",
  size: "how many bytes a stream has",
  webhookUrl: "a URL that is short enough to be part of another",
};

/** What it means for a file that a part of it failed. */
const ofPart = ({ part }: ErrorFacts): string =>
  part
    ? ` It was part ${part} of the file. Nothing of the file is stored; uploading it again begins with the first part.`
    : "";

const ENDPOINT_FORM = 'It has the form "owner/app" or "owner/app/path", for example "fal-ai/flux/dev".';
const ENDPOINT_REASONS = [
  "The endpoint id is too short.",
  "The endpoint id is too long.",
  "The endpoint id has an empty part or a wrong character.",
  "The endpoint id is a URL.",
];

const FILE_REASONS = [
  "it was changed or removed, or its stream failed",
  "its stream has less than `size` bytes",
  "its stream has more than `size` bytes",
  "its stream has something that is not bytes",
];

const PROXY_SAMPLE = 'fal.config({ proxyUrl: "/api/fal/proxy" })';
const PROXY_URL_REASONS = [
  "",
  "It is empty; perhaps a variable was not set when the app was built.",
  "It has two slashes first; write the scheme, or a path.",
  "In a browser it must be relative, https:, or http: on this machine.",
  "It has a user name or password.",
  "It has no host, or one that is not plain ASCII.",
  "It has white space or a backslash.",
  "It is fal's own host, which needs a key; a browser talks to your proxy.",
];

const queued = ({ requestId, isQueued }: ErrorFacts): string =>
  isQueued ? ` The request goes on at fal under the id ${requestId}; its result can still be fetched.` : "";

/** What a broken connection leaves open: running a model is sent once, an upload as often as it takes. */
const unknown = ({ endpoint, attempts }: ErrorFacts): string =>
  endpoint && attempts === 1
    ? ` ${UNKNOWN}.`
    : ` It was tried ${attempts === 1 ? "once" : `${attempts} times`}. ${AGAIN}`;

const to = ({ proxy }: ErrorFacts): string => (proxy ? ` to \`${proxy}\`` : "");

/** A browser does not tell a page that it was CORS. */
const origin = ({ proxy = "" }: ErrorFacts): string =>
  proxy.includes("://")
    ? " A browser says the same when `trustedOrigins` of the proxy does not name the page's origin."
    : "";

/** What became of the request, when its caller left. */
const ended = (facts: ErrorFacts): string =>
  ({
    accepted: " It was cancelled at fal.",
    refused: ` fal refused to cancel it; it may be completed already.${queued(facts)}`,
    unknown: " fal did not answer in time to the wish to cancel it.",
    "": queued(facts),
  })[facts.cancelled ?? ""];

/** What was thrown, an error as a rule. */
const causeOf = ({ cause }: ErrorFacts): Partial<Error> | undefined => cause as Partial<Error> | undefined;

/** Whether the signal of the call was one of `AbortSignal.timeout`. */
const isTimeout = (facts: ErrorFacts): boolean => causeOf(facts)?.name === "TimeoutError";

/**
 * What is said of a failure, by the numbers of `FailureKind`. What differs from build to build is in `#host`, and answers
 * with an error status speak for themselves.
 */
const SENTENCES: Record<number, Sentence> = {
  [FailureKind.Internal]: () => `Something broke inside fal-wasm: a bug. The next call starts afresh. ${AGAIN}`,
  [FailureKind.ProxyUrlMissing]: () =>
    `A browser talks only to your own proxy, and none is set. Before the first call: ${PROXY_SAMPLE}. ` +
    'On your server, answer that URL with createFalProxy({ ... }) from "fal-wasm/proxy".',
  [FailureKind.ProxyUrlInvalid]: ({ reason = 0 }) =>
    `\`proxyUrl\` cannot be used. ${PROXY_URL_REASONS[reason]} For example: ${PROXY_SAMPLE}.`,
  [FailureKind.EndpointIdInvalid]: ({ reason = 0 }) => `${ENDPOINT_REASONS[reason]} ${ENDPOINT_FORM} ${UNSENT}`,
  [FailureKind.RequestIdInvalid]: () =>
    `The request id is missing or is not one. Pass the \`requestId\` that submitting gave. ${UNSENT}`,
  [FailureKind.OptionInvalid]: ({ option = "", why }) =>
    `The option \`${option}\` ${why ?? `has a value it cannot have${HINTS[option] ? `: ${HINTS[option]}` : ""}.`} ${UNSENT}`,
  [FailureKind.InputInvalid]: ({ option, why }) =>
    option
      ? `\`${option}\` cannot be sent: it is ${why}. ${UNSENT}`
      : `The input cannot be written as JSON (it refers to itself, or holds a BigInt or a stream). ${UNSENT}`,
  [FailureKind.Unreachable]: (facts) => `No connection${to(facts)} could be made, so nothing was sent. ${AGAIN}`,
  [FailureKind.ConnectionLost]: (facts) =>
    `The connection${to(facts)} failed before the answer was complete.${queued(facts) || unknown(facts)}${origin(facts)}`,
  [FailureKind.AnswerInvalid]: (facts) =>
    "The answer is not what fal's protocol says. Look whether there is a proxy at `proxyUrl`, and whether it passes answers " +
    `on unchanged.${queued(facts)}`,
  [FailureKind.Redirected]: () =>
    "The answer is a redirect, and none is followed: a key must not go where it was not sent. Use the final URL.",
  [FailureKind.TimedOut]: (facts) => `The request was not completed within \`timeout\`.${ended(facts)}`,
  [FailureKind.Aborted]: (facts) =>
    `${isTimeout(facts) ? "The time of its signal is over" : "The call was aborted"}.${ended(facts)}`,
  [FailureKind.JobFailed]: ({ requestId, body }) =>
    `${quoting(`The request ${requestId} was completed with an error`, explanation(body))} ${ANEW}`,
  [FailureKind.FileUnreadable]: ({ reason = 0 }) =>
    `The file could not be read: ${FILE_REASONS[reason]}. Open it anew and upload it again.`,
  [FailureKind.Stalled]: () => `It was silent for longer than \`timeout\`. ${AGAIN} A slow model needs a longer one.`,
  [FailureKind.StreamFailed]: ({ body }) =>
    `${quoting("The model began to answer and then failed", explanation(body))} ${ANEW}`,
  [FailureKind.TokenUnavailable]: () =>
    `No token for the realtime connection could be had; \`cause\` says why. ${UNSENT}`,
  [FailureKind.OutboxFull]: () =>
    "The outbox is full and did not take the message: send slower, raise `outboxFrames` or `outboxBytes`, or use " +
    '`outbox: "latest"`.',
  [FailureKind.WebassemblyMissing]: (facts) =>
    `fal-wasm needs WebAssembly, which does not run here: ${punctuated(String(causeOf(facts)?.message))} A content ` +
    `security policy has to allow it: script-src 'wasm-unsafe-eval'. Or import "fal-wasm/no-wasm". ${UNSENT}`,
  [FailureKind.FetchFailed]: (facts) =>
    `\`fetch\` threw what is no known failure of a network (${causeOf(facts)?.name}); it is the \`cause\`. The ` +
    "request was not sent again.",
};

/** Failures that are about credentials. */
const ABOUT_CREDENTIALS: readonly number[] = [
  FailureKind.CredentialsInBrowser,
  FailureKind.CredentialsMissing,
  FailureKind.CredentialsMalformed,
  FailureKind.ServerOnly,
  FailureKind.ScopeRequired,
];

/** Makes the error of a failure. `sentences` are the host's own. */
export function makeError(sentences: Record<number, Sentence>, kind: number, facts: ErrorFacts): FalError {
  if (kind === FailureKind.Http) return http(facts);
  if (kind === FailureKind.CallersOwn) return facts.cause as FalError;
  const all = { ...SENTENCES, ...sentences };
  // A kind without a sentence cannot occur in this build: a bug.
  if (!all[kind]) kind = FailureKind.Internal;
  const Kind = ABOUT_CREDENTIALS.includes(kind) ? CredentialsError : FalError;
  const message = (all[kind] as Sentence)(facts) + ofPart(facts);
  const error = new Kind(FAILURE_CODES[kind] as string, message, facts, RETRYABLE.includes(kind));
  // What `fetch` calls it: programs ask for this name.
  if (kind === FailureKind.Aborted) error.name = isTimeout(facts) ? "TimeoutError" : "AbortError";
  return error;
}
