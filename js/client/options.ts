/** Reading the options of a client and of its calls: what they are in the types, checked. */

import type { Config, ProxyUrlConfig } from "./config.ts";
import { FailureKind } from "../core/wire.ts";
import { proxyUrlProblem } from "../core/texts.ts";
import { OperationError } from "../errors/errors.ts";
import { notKnown } from "./nearest-name.ts";

/**
 * Options as they come: programs without types give anything, so every value is checked before it is used.
 * Interfaces have no index signature, so options of any type are taken.
 */
export type Untyped = object;

/** What options have under a name. */
const valueOf = (options: Untyped, name: string): unknown => (options as Record<string, unknown>)[name] ?? undefined;

/**
 * Throws that an option has a value it cannot have, or what else is wrong with it: `why` goes on where "The option `x`" ends. It
 * never holds the value, which may be a secret.
 */
export function invalidOption(option: string, why?: string): never {
  throw new OperationError(FailureKind.OptionInvalid, undefined, option, undefined, why);
}

/** Throws that an option has a value it cannot have, and what it takes. */
export const takes = (option: string, what: string): never =>
  invalidOption(option, `has a value it cannot have: ${what}.`);

/** What every call takes, a run, a submit, and what follows a request. */
const CALL = "abortSignal timeout headers";
const RUN = `${CALL} input path query method storageSettings startTimeout hint noRetry storeIO tags idempotent`;
const SUBMIT = `${RUN} webhookUrl priority maxQueueLength`;
const STATUS = `${CALL} requestId logs connectionMode`;
const FOLLOW = `${SUBMIT} ${STATUS} mode pollInterval onEnqueue onQueueUpdate cancelOnTimeout cancelOnAbort`;

/** The names of the options of each operation. */
export const NAMES = {
  run: RUN,
  submit: SUBMIT,
  follow: FOLLOW,
  status: STATUS,
  request: `${CALL} requestId`,
  stream: `${RUN} accept connectionMode tokenProvider signal queryParams autoUpload url`,
  upload: `${CALL} lifecycle onProgress contentType fileName size`,
  realtime:
    "onResult onError onDrop onOpen connectionKey clientOnly throttleInterval outbox outboxFrames " +
    "outboxBytes maxBuffering path encodeMessage decodeMessage tokenProvider tokenExpirationSeconds timeout",
  config:
    "proxyUrl fetch retry requestMiddleware responseHandler suppressLocalCredentialsWarning credentials onKeyRejected " +
    "scope env loginToken WebSocket backupHosts publicEndpoints dangerouslyTreatAsServer",
  retry: "maxRetries baseDelay maxDelay backoffMultiplier retryableStatusCodes enableJitter budget",
} as const;

/** Refuses options that are not known: what is misspelled would do nothing, and nobody would know. */
export function onlyKnown(options: Untyped, names: string): void {
  const known = names.split(" ");
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name) || value == null) continue;
    // A name that could be a secret in the wrong place is not repeated.
    invalidOption(
      /^\w{1,64}$/.test(name) ? name : "…",
      FOLLOW.split(" ").includes(name) ? "has no meaning in this call." : notKnown(name, known),
    );
  }
}

/** A number that is not negative; `NaN` when it is absent. A text that is one will do. */
export function millis(options: Untyped, name: string, what = "milliseconds"): number {
  const value = valueOf(options, name) ?? NaN;
  const isNumber = typeof value === "number" ? !(value < 0) : /^\d+(\.\d+)?$/.test(value as string);
  return isNumber ? Number(value) : takes(name, what);
}

/** A limit in milliseconds; 0 is none, as in `@fal-ai/client`. `NaN` when it is absent. */
export function limit(options: Untyped, name: string): number {
  const ms = millis(options, name, "milliseconds; without it, or with 0, there is no limit");
  return ms === 0 ? Infinity : ms;
}

/** A text; empty when it is absent. */
export function text(options: Untyped, name: string): string {
  const value = valueOf(options, name) ?? "";
  return typeof value === "string" ? value : takes(name, "a text");
}

/** One of a few words; the first when it is absent. */
export function choice<Word extends string>(options: Untyped, name: string, words: [Word, ...Word[]]): Word {
  const value = valueOf(options, name) ?? words[0];
  return words.find((word) => word === value) ?? takes(name, `"${words.join('" or "')}"`);
}

/** The method of a run. */
export const methodOf = (options: Untyped): string => text(options, "method") || "POST";

/** Yes or no; undefined when it is absent. */
export function flag(options: Untyped, name: string): boolean | undefined {
  const value = valueOf(options, name);
  return value === undefined || typeof value === "boolean" ? value : takes(name, "true or false");
}

/** A function; undefined when it is absent. That it takes and returns what its type says cannot be checked. */
export function callback<Options extends object, Name extends keyof Options & string>(
  options: Options,
  name: Name,
): Exclude<Options[Name], null> | undefined {
  const value = options[name] ?? undefined;
  return value === undefined || typeof value === "function"
    ? (value as Exclude<Options[Name], null> | undefined)
    : takes(name, "a function");
}

/** What aborts a call. */
export function signal({ abortSignal }: { abortSignal?: AbortSignal | null | undefined }): AbortSignal | undefined {
  const isSignal = typeof abortSignal?.addEventListener === "function" && typeof abortSignal.aborted === "boolean";
  return isSignal || abortSignal == null ? (abortSignal ?? undefined) : takes("abortSignal", "an AbortSignal");
}

/** http to another machine, where that is the only thing wrong with a URL (src/credentials/proxy_url.rs). */
const OPEN = 3;

/** The URL of the proxy; empty when there is none. A server may reach it by http: their network is no visitor's. */
export function proxyUrl(
  { proxyUrl: given }: { proxyUrl?: string | ProxyUrlConfig | null | undefined },
  isServer = false,
): string {
  if (given == null) return "";
  const url = text({ proxyUrl: (given as Partial<ProxyUrlConfig>).url ?? given }, "proxyUrl").trim();
  let reason = 0;
  try {
    reason = proxyUrlProblem(url);
  } catch (error) {
    // Without WebAssembly nothing is ever sent, and the first call says why.
    if (!(error instanceof OperationError)) throw error;
  }
  if (reason && !(isServer && reason === OPEN && /^http:/i.test(url)))
    throw new OperationError(FailureKind.ProxyUrlInvalid, undefined, "", reason);
  return url;
}

/** The caller's own `fetch`: a function, or an object that has one, such as a service binding. */
export function fetchOf({ fetch: own }: { fetch?: Config["fetch"] | undefined }): typeof fetch | undefined {
  if (typeof own === "object" && typeof own?.fetch === "function") return (...args) => own.fetch(...args);
  return callback({ fetch: own as typeof fetch | undefined }, "fetch");
}

/** The longest queue that is acceptable; `NaN` when it is absent. */
export function maxQueueLength({ maxQueueLength }: { maxQueueLength?: number | null }): number {
  const length = maxQueueLength ?? NaN;
  return Number.isNaN(length) || (Number.isInteger(length) && length >= 0 && length < 2 ** 32)
    ? length
    : takes("maxQueueLength", "a whole number");
}

/** The caller's own query parameters. */
export function query({
  query: own,
}: {
  query?: Record<string, unknown> | undefined;
}): Record<string, unknown> | undefined {
  return own === undefined || (typeof own === "object" && !Array.isArray(own))
    ? (own ?? undefined)
    : takes("query", "an object");
}

/** How often and how long to try, as the core takes it. What is not given is absent, or `NaN`. */
export interface RetrySettings {
  maxRetries?: number;
  baseDelay?: number;
  maxDelay?: number;
  backoffMultiplier?: number;
  enableJitter?: boolean | undefined;
  budget?: number;
  backupHosts?: boolean | undefined;
  status?: number[];
  timeout?: number;
  idempotent?: boolean | undefined;
  /** The driver gives them to the core by name. */
  [name: string]: unknown;
}

/** No status at all: nobody answers with 0. */
const NONE = [0];

/** What a configuration says about trying again, checked. */
export function retryNumbers(config: Config): RetrySettings {
  const retry = config.retry ?? {};
  onlyKnown(config, NAMES.config);
  onlyKnown(retry, NAMES.retry);
  const { retryableStatusCodes: status } = retry;
  if (status && !(Array.isArray(status) && status.every(Number.isInteger)))
    takes("retryableStatusCodes", "a list of statuses");
  const names = ["maxRetries", "baseDelay", "maxDelay", "backoffMultiplier", "budget"];
  const numbers = Object.fromEntries(names.map((name) => [name, millis(retry, name, "a number, 0 or above")]));
  const backupHosts = flag(config, "backupHosts");
  return {
    ...numbers,
    enableJitter: flag(retry, "enableJitter"),
    backupHosts,
    status: status?.length === 0 ? NONE : status,
  };
}

/**
 * How patient a call is: what the client says about trying again, the time for all of it, and whether running twice
 * does no harm.
 */
export const patience = (retry: RetrySettings, options: Untyped): RetrySettings => ({
  ...retry,
  timeout: limit(options, "timeout"),
  idempotent: flag(options, "idempotent"),
});

/** What describes a submit. */
export const submission = (options: Untyped) => ({
  path: text(options, "path"),
  method: methodOf(options),
  webhook: text(options, "webhookUrl"),
  maxQueueLength: maxQueueLength(options),
});
