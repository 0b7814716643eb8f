/** Reading the options of a client and of its calls: what they are in the types, checked. */

import type { Config, ProxyUrlConfig } from "./config.ts";
import { FailureKind } from "../core/wire.ts";
import { proxyUrlProblem } from "../core/texts.ts";
import { OperationError } from "../errors/errors.ts";

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

/** A time in milliseconds; `NaN` when it is absent. */
export function millis(options: Untyped, name: string): number {
  const value = valueOf(options, name) ?? NaN;
  return typeof value === "number" && !(value < 0) && value !== Infinity ? value : invalidOption(name);
}

/** A text; empty when it is absent. */
export function text(options: Untyped, name: string): string {
  const value = valueOf(options, name) ?? "";
  return typeof value === "string" ? value : invalidOption(name);
}

/** One of a few words; the first when it is absent. */
export function choice<Word extends string>(options: Untyped, name: string, words: [Word, ...Word[]]): Word {
  const value = valueOf(options, name) ?? words[0];
  return words.find((word) => word === value) ?? invalidOption(name);
}

/** The method of a run. */
export const methodOf = (options: Untyped): string => text(options, "method") || "POST";

/** Yes or no; undefined when it is absent. */
export function flag(options: Untyped, name: string): boolean | undefined {
  const value = valueOf(options, name);
  return value === undefined || typeof value === "boolean" ? value : invalidOption(name);
}

/** A function; undefined when it is absent. That it takes and returns what its type says cannot be checked. */
export function callback<Options extends object, Name extends keyof Options & string>(
  options: Options,
  name: Name,
): Exclude<Options[Name], null> | undefined {
  const value = options[name] ?? undefined;
  return value === undefined || typeof value === "function"
    ? (value as Exclude<Options[Name], null> | undefined)
    : invalidOption(name);
}

/** What aborts a call. */
export function signal({ abortSignal }: { abortSignal?: AbortSignal | null | undefined }): AbortSignal | undefined {
  const isSignal = typeof abortSignal?.addEventListener === "function" && typeof abortSignal.aborted === "boolean";
  return isSignal || abortSignal == null ? (abortSignal ?? undefined) : invalidOption("abortSignal");
}

/** The URL of the proxy; empty when there is none. */
export function proxyUrl({ proxyUrl: given }: { proxyUrl?: string | ProxyUrlConfig | undefined }): string {
  if (given === undefined) return "";
  const url = text({ proxyUrl: (given as Partial<ProxyUrlConfig> | null)?.url ?? given }, "proxyUrl").trim();
  const reason = proxyUrlProblem(url);
  if (reason) throw new OperationError(FailureKind.ProxyUrlInvalid, undefined, "", reason);
  return url;
}

/** The caller's own `fetch`: a function, or an object that has one, such as a service binding. */
export function fetchOf({ fetch: own }: { fetch?: Config["fetch"] | undefined }): typeof fetch | undefined {
  if (typeof own === "object" && typeof own?.fetch === "function") return (...args) => own.fetch(...args);
  return callback({ fetch: own as typeof fetch | undefined }, "fetch");
}

/** The longest queue that is acceptable; `NaN` when it is absent. */
export function maxQueueLength({ maxQueueLength: length = NaN }: { maxQueueLength?: number }): number {
  return Number.isNaN(length) || (Number.isInteger(length) && length >= 0 && length < 2 ** 32)
    ? length
    : invalidOption("maxQueueLength");
}

/** The caller's own query parameters. */
export function query(options: { query?: Record<string, unknown> | undefined }): Record<string, unknown> | undefined {
  const { query: own, subdomain } = options as typeof options & { subdomain?: unknown };
  // It would lead to a host that is not fal's own.
  if (subdomain !== undefined) invalidOption("subdomain");
  return own === undefined || (typeof own === "object" && !Array.isArray(own))
    ? (own ?? undefined)
    : invalidOption("query");
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
  statuses?: number[];
  timeout?: number;
  idempotent?: boolean | undefined;
  /** The driver gives them to the core by name. */
  [name: string]: unknown;
}

/** What a configuration says about trying again, checked. */
export function retryNumbers(config: Config): RetrySettings {
  const retry = config.retry ?? {};
  const { retryableStatusCodes: statuses = [], budget = NaN } = retry;
  if (!Array.isArray(statuses) || !statuses.every((status) => Number.isInteger(status)))
    invalidOption("retryableStatusCodes");
  if (typeof budget !== "number" || budget < 0) invalidOption("budget");
  const names = ["maxRetries", "baseDelay", "maxDelay", "backoffMultiplier"];
  const numbers = Object.fromEntries(names.map((name) => [name, millis(retry, name)]));
  const backupHosts = flag(config, "backupHosts");
  return { ...numbers, enableJitter: flag(retry, "enableJitter"), budget, backupHosts, statuses };
}

/**
 * How patient a call is: what the client says about trying again, the time for all of it, and whether running twice
 * does no harm.
 */
export const patience = (retry: RetrySettings, options: Untyped): RetrySettings => ({
  ...retry,
  timeout: millis(options, "timeout"),
  idempotent: flag(options, "idempotent"),
});

/** What describes a submit. */
export const submission = (options: Untyped) => ({
  path: text(options, "path"),
  method: methodOf(options),
  webhook: text(options, "webhookUrl"),
  maxQueueLength: maxQueueLength(options),
});
