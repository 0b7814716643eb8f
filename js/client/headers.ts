/** The headers of a call, from its options. */

import type { StorageSettings } from "../storage/types.ts";
import { type Untyped, invalidOption, text, flag } from "./options.ts";

/** Where a proxy is told what a request is for. */
export const TARGET_URL = "x-fal-target-url";

/** Seconds, by the names `@fal-ai/client` has for them. `never` leaves it to the account. */
const EXPIRES: Record<string, number | undefined> = {
  never: undefined,
  immediate: 60,
  "1h": 3_600,
  "1d": 86_400,
  "7d": 604_800,
  "30d": 2_592_000,
  "1y": 31_536_000,
};

/** How long files live and who may read them, as fal's headers write it. */
function lifecycle(settings: StorageSettings | undefined): string | undefined {
  const { expiresIn, initialAcl } = settings ?? {};
  if (typeof expiresIn === "string" && !(expiresIn in EXPIRES)) invalidOption("expiresIn");
  const seconds = typeof expiresIn === "string" ? EXPIRES[expiresIn] : expiresIn;
  if (seconds !== undefined && !(seconds > 0)) invalidOption("expiresIn");
  const value = { expiration_duration_seconds: seconds, initial_acl: initialAcl };
  const json = JSON.stringify(value);
  return json === "{}" ? undefined : headerText(json, "initialAcl");
}

/** The options that travel in headers. */
interface HeaderOptions {
  readonly priority?: string | undefined;
  readonly startTimeout?: number | undefined;
  readonly storageSettings?: StorageSettings | undefined;
  readonly tags?: Record<string, string> | undefined;
}

/** fal's limits; it drops what is beyond them without a word. */
const TAGS = {
  pairs: 10,
  bytes: 1024,
  name: /^(?!fal\.)[a-z0-9._-]{1,64}$/,
  value: /^[!-+\--~]([ -+\--~]{0,254}[!-+\--~])?$/,
};

/** Tags as fal's header writes them. */
function tags({ tags: given }: HeaderOptions): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null) invalidOption("tags");
  const pairs = Object.entries(given);
  const fit = pairs.every(
    ([name, value]) => TAGS.name.test(name) && typeof value === "string" && TAGS.value.test(value),
  );
  const line = pairs.map((pair) => pair.join("=")).join();
  if (!fit || pairs.length > TAGS.pairs || line.length > TAGS.bytes) invalidOption("tags");
  return line || undefined;
}

/** The headers that have a value. */
const present = (headers: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<string, string>;

/** A text that a header can carry. `fetch` throws for another what it throws when a connection is lost. */
export function headerText(value: string | undefined, option: string): string | undefined {
  return /[^\t -~\x80-\xff]/.test(value ?? "")
    ? invalidOption(option, "has a character that a header cannot carry.")
    : value;
}

/** `1` and `0`, as fal writes yes and no. */
function digit(options: Untyped, name: string): string | undefined {
  const value = flag(options, name);
  return value === undefined ? undefined : String(Number(value));
}

/** A caller's own headers, with names in lower case. */
export function ownHeaders({ headers }: { headers?: HeadersInit | undefined }): Record<string, string> {
  try {
    const own = new Headers(headers);
    if (!own.has(TARGET_URL)) return Object.fromEntries(own);
  } catch {
    // They are no headers.
  }
  return invalidOption("headers");
}

/** The headers that the options of a run or a submit stand for. */
export function callHeaders(options: HeaderOptions, queued: boolean): Record<string, string> {
  const { priority = "normal", startTimeout, storageSettings } = options;
  if (priority !== "normal" && priority !== "low") invalidOption("priority");
  // fal's clients refuse one second and less.
  if (startTimeout !== undefined && !(startTimeout > 1 && startTimeout < Infinity)) invalidOption("startTimeout");
  const seconds = startTimeout === undefined ? undefined : String(startTimeout);
  return present({
    "x-fal-queue-priority": queued ? priority : undefined,
    "x-fal-runner-hint": headerText(text(options, "hint") || undefined, "hint"),
    // The current name, and the deprecated one that older gateways read.
    "x-fal-request-start-timeout": seconds,
    "x-fal-request-timeout": seconds,
    "x-fal-object-lifecycle-preference": lifecycle(storageSettings),
    "x-fal-no-retry": flag(options, "noRetry") ? "1" : undefined,
    "x-fal-store-io": digit(options, "storeIO"),
    "x-fal-tags": tags(options),
  });
}

/** The headers of an upload. fal has two storages, and each reads another name. */
export function uploadHeaders(settings: StorageSettings | undefined): Record<string, string> {
  const value = lifecycle(settings);
  return present({ "x-fal-object-lifecycle": value, "x-fal-object-lifecycle-preference": value });
}
