/** What an option of a client or of a call can be: each check reads one, and throws what it takes when it is something else. */

import type { Config, ProxyUrlConfig } from "./config.ts";
import { FailureKind, ProxyUrlError } from "../core/wire.ts";
import { proxyUrlProblem } from "../core/texts.ts";
import { OperationError } from "../errors/errors.ts";
import { notKnown } from "./nearest-name.ts";

/**
 * Options as they come: programs without types give anything, so every value is checked before it is used.
 * Interfaces have no index signature, so options of any type are taken.
 */
export type Untyped = object;

/** Reads the option of a name. */
export type Check<T> = (options: Untyped, name: string) => T;

/**
 * Throws that an option has a value it cannot have, or what else is wrong with it: `why` goes on where "The option `x`" ends. It
 * never holds the value, which may be a secret.
 */
export function invalidOption(option: string, why?: string): never {
  throw new OperationError(FailureKind.OptionInvalid, { option, why });
}

/** Throws that an option has a value it cannot have, and what it takes. */
export const takes = (option: string, what: string): never =>
  invalidOption(option, `has a value it cannot have: ${what}.`);

/** Refuses names that are not known: what is misspelled would do nothing, and nobody would know. */
export function onlyKnown(options: Untyped, known: string[], elsewhere: string[] = []): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name) || anything(options, name) === undefined) continue;
    // A name that could be a secret in the wrong place is not repeated.
    invalidOption(
      /^\w{1,64}$/.test(name) ? name : "…",
      elsewhere.includes(name) ? "is not for this call." : notKnown(name, known),
    );
  }
}

/** What is read somewhere else, or can be anything; undefined when it is absent, as everywhere. */
export const anything: Check<any> = (options, name) => (options as Record<string, unknown>)[name] ?? undefined;

/** Takes what `fits`, and says so in words. `read` makes of it what is used; `absent` stands for it when it is absent. */
export const taking =
  <T, Absent = undefined>(
    what: string,
    fits: (value: any) => boolean,
    read = (value: any): T => value,
    absent?: Absent,
  ) =>
  (options: Untyped, name: string): T | Absent => {
    const value = anything(options, name);
    return value === undefined ? (absent as Absent) : fits(value) ? read(value) : takes(name, what);
  };

export const flag = taking<boolean>("true or false", (value) => typeof value === "boolean");

/** Anything, as yes or no. */
export const truthy = taking("", () => true, Boolean);

/** That it takes and returns what its type says cannot be checked. */
export const callback = taking<any>("a function", (value) => typeof value === "function");

export const object = taking<Record<string, unknown>>(
  "an object",
  (value) => typeof value === "object" && !Array.isArray(value),
);

export const text = taking<string>("a text", (value) => typeof value === "string");

/** A number that is not negative; a text that is one will do. */
const number = (what: string, read: (value: any) => number = Number) =>
  taking<number>(what, (value) => (typeof value === "number" ? value >= 0 : /^\d+(?:\.\d+)?$/.test(value)), read);

export const amount = number("a number, 0 or above");
export const millis = number("milliseconds");

/** A limit in milliseconds; 0 is none, as in `@fal-ai/client`. */
export const limit = number("milliseconds, or 0 for no limit", (value) => Number(value) || Infinity);

/** One of a few words. */
export const oneOf = <Word extends string>(words: Word[], absent?: Word) =>
  taking<Word, Word | undefined>(`"${words.join('" or "')}"`, (value) => words.includes(value), undefined, absent);

/** A number from 1 to `most`, rounded. */
export const count = (most: number) =>
  taking<number>(`a number from 1 to ${most}`, (value) => value >= 1 && value <= most, Math.round);

/** The caller's own `fetch`: a function, or an object that has one, such as a service binding. */
export const fetchOf = (options: Untyped): typeof fetch | undefined => {
  const { fetch: own } = options as Pick<Config, "fetch">;
  if (typeof own === "object" && typeof own?.fetch === "function") return (...args) => own.fetch(...args);
  return callback(options, "fetch");
};

/** The URL of the proxy; empty when there is none. A server may reach it by http: their network is no visitor's. */
export function proxyUrl(
  { proxyUrl: given }: { proxyUrl?: string | ProxyUrlConfig | null | undefined },
  isServer = false,
): string {
  if (given == null) return "";
  const url = (text({ proxyUrl: (given as Partial<ProxyUrlConfig>).url ?? given }, "proxyUrl") as string).trim();
  const reason = proxyUrlProblem(url);
  // http to another machine, when that is the only thing wrong with it.
  if (reason && !(isServer && reason === ProxyUrlError.Scheme && /^http:/i.test(url)))
    throw new OperationError(FailureKind.ProxyUrlInvalid, { reason });
  return url;
}
