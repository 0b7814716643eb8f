/** The options of a client and of its calls, as tables: each name with what it takes. */

import {
  type Check,
  type Untyped,
  amount,
  anything,
  callback,
  count,
  fetchOf,
  flag,
  limit,
  millis,
  object,
  oneOf,
  onlyKnown,
  taking,
  text,
  truthy,
} from "./checks.ts";
import { digit, headerText, lifecycle, ownHeaders, startTimeout, tags } from "./headers.ts";

/** What options are, by their names. */
type Table = Record<string, Check<unknown>>;

/** Options that were read. */
export type Given<Options extends Table> = { [Name in keyof Options]: ReturnType<Options[Name]> };

/** Reads options by their table; throws what is wrong with them. What is absent is left out: most are, and all are copied. */
export function readOptions<Options extends Table>(options: Untyped, table: Options): Given<Options> {
  onlyKnown(options, Object.keys(table), Object.keys(FOLLOW));
  const given: Record<string, unknown> = { __proto__: null };
  for (const [name, check] of Object.entries(table)) {
    const value = check(options, name);
    if (value !== undefined) given[name] = value;
  }
  return given as Given<Options>;
}

/** What every call takes. */
export const CALL = {
  abortSignal: taking<AbortSignal>(
    "an AbortSignal",
    (value) => typeof value.addEventListener === "function" && typeof value.aborted === "boolean",
  ),
  timeout: limit,
  headers: ownHeaders,
};

export const RUN = {
  ...CALL,
  input: anything,
  path: text,
  query: object,
  method: text,
  storageSettings: lifecycle,
  startTimeout,
  hint: headerText,
  noRetry: flag,
  storeIO: digit,
  tags,
  idempotent: flag,
};

export const SUBMIT = {
  ...RUN,
  webhookUrl: text,
  priority: oneOf(["normal", "low"], "normal"),
  maxQueueLength: taking<number>("a whole number", (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32),
};

/** Of calls about a request. */
export const REQUEST = { ...CALL, requestId: text };

/** Calls about a request go to the proxy, or to fal with a key: no token opens them. */
export const STATUS = { ...REQUEST, logs: truthy, connectionMode: oneOf(["server"]) };

/** Of a call that follows a request which is in the queue already. */
export const FOLLOW_QUEUED = {
  ...STATUS,
  mode: oneOf(["streaming", "polling"]),
  pollInterval: millis,
  onQueueUpdate: callback,
  cancelOnTimeout: truthy,
  cancelOnAbort: truthy,
};

export const FOLLOW = { ...SUBMIT, ...FOLLOW_QUEUED, onEnqueue: callback };

export const STREAM = {
  ...RUN,
  accept: headerText,
  connectionMode: oneOf(["server", "client"]),
  tokenProvider: callback,
  signal: anything,
  queryParams: anything,
  autoUpload: taking("true: files in an input are always uploaded", (value) => value === true),
  url: text,
};

export const UPLOAD = {
  ...CALL,
  lifecycle,
  onProgress: callback,
  fileName: text,
  contentType: text,
  size: anything,
};

export const REALTIME = {
  onResult: callback,
  onError: callback,
  onDrop: callback,
  onOpen: callback,
  onStateChange: callback,
  decodeMessage: callback,
  encodeMessage: callback,
  tokenProvider: callback,
  tokenExpirationSeconds: count(Infinity),
  connectionKey: anything,
  clientOnly: anything,
  throttleInterval: millis,
  outbox: oneOf(["queue", "latest"]),
  outboxFrames: count(1e9),
  maxBuffering: count(60),
  outboxBytes: count(2 ** 32 - 1),
  path: text,
  timeout: limit,
};

export const CONFIG = {
  proxyUrl: anything,
  fetch: fetchOf,
  retry: anything,
  backupHosts: flag,
  requestMiddleware: callback,
  responseHandler: callback,
  onKeyRejected: callback,
  WebSocket: callback,
  scope: text,
  loginToken: anything,
  credentials: anything,
  env: anything,
  publicEndpoints: anything,
  dangerouslyTreatAsServer: anything,
  suppressLocalCredentialsWarning: anything,
};

export const RETRY = {
  maxRetries: amount,
  baseDelay: amount,
  maxDelay: amount,
  backoffMultiplier: amount,
  budget: amount,
  enableJitter: flag,
  retryableStatusCodes: taking<number[]>(
    "a list of statuses",
    (value) => Array.isArray(value) && value.every(Number.isInteger),
    // No status at all: nobody answers with 0.
    (value) => (value.length ? value : [0]),
  ),
};
