/** The headers of a call, from its options. */

import type { StorageSettings } from "../storage/types.ts";
import { type Untyped, choice, flag, onlyKnown, takes, text, invalidOption } from "./options.ts";

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
function lifecycle(settings: StorageSettings | null | undefined): string | undefined {
  const { expiresIn, initialAcl } = settings ?? {};
  onlyKnown(settings ?? {}, "expiresIn initialAcl");
  const isWord = typeof expiresIn === "string";
  const seconds = isWord ? EXPIRES[expiresIn] : (expiresIn ?? undefined);
  if (isWord ? !(expiresIn in EXPIRES) : seconds !== undefined && !(seconds > 0))
    takes("expiresIn", `seconds, or "${Object.keys(EXPIRES).join('", "')}"`);
  const value = { expiration_duration_seconds: seconds, initial_acl: initialAcl };
  const json = JSON.stringify(value);
  return json === "{}" ? undefined : headerText(json, "initialAcl");
}

/** The options that travel in headers. */
interface HeaderOptions {
  readonly priority?: string | null | undefined;
  readonly startTimeout?: number | null | undefined;
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

const TAGS_TAKE =
  "at most 10, with names of a-z 0-9 . _ - up to 64 characters, not beginning with fal., printable values up to 256 " +
  "without commas, 1024 in all";

/** Tags as fal's header writes them. */
function tags({ tags: given }: HeaderOptions): string | undefined {
  if (given == null) return undefined;
  if (typeof given !== "object") takes("tags", TAGS_TAKE);
  const pairs = Object.entries(given);
  const fit = pairs.every(
    ([name, value]) => TAGS.name.test(name) && typeof value === "string" && TAGS.value.test(value),
  );
  const line = pairs.map((pair) => pair.join("=")).join();
  if (!fit || pairs.length > TAGS.pairs || line.length > TAGS.bytes) takes("tags", TAGS_TAKE);
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
export function ownHeaders({ headers }: { headers?: HeadersInit | null | undefined }): Record<string, string> {
  try {
    const own = new Headers(headers ?? undefined);
    if (!own.has(TARGET_URL)) return Object.fromEntries(own);
  } catch {
    // They are no headers.
  }
  return takes("headers", `names and values as \`Headers\` takes them, without ${TARGET_URL}`);
}

/** The headers that the options of a run or a submit stand for. */
export function callHeaders(options: HeaderOptions, queued: boolean): Record<string, string> {
  const { startTimeout, storageSettings } = options;
  const priority = choice(options, "priority", ["normal", "low"]);
  // fal's clients refuse one second and less.
  if (startTimeout != null && !(startTimeout > 1 && startTimeout < Infinity))
    takes("startTimeout", "seconds, more than 1");
  const seconds = startTimeout == null ? undefined : String(startTimeout);
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
