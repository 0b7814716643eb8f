/** The options of a call that travel in headers. */

import type { StorageSettings } from "../storage/types.ts";
import { type Check, anything, invalidOption, onlyKnown, taking, takes, text } from "./checks.ts";

/** Where a proxy is told what a request is for. */
export const TARGET_URL = "x-fal-target-url";

/** A text that a header can carry. `fetch` throws for another what it throws when a connection is lost. */
function carried(value: string | undefined, option: string): string | undefined {
  return /[^\t -~\x80-\xff]/.test(value ?? "")
    ? invalidOption(option, "has a character that a header cannot have.")
    : value;
}

export const headerText: Check<string | undefined> = (options, name) => carried(text(options, name), name);

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
export const lifecycle: Check<string | undefined> = (options, name) => {
  const settings: StorageSettings = anything(options, name) ?? {};
  onlyKnown(settings, ["expiresIn", "initialAcl"]);
  const { expiresIn, initialAcl } = settings;
  const isWord = typeof expiresIn === "string";
  const seconds = isWord ? EXPIRES[expiresIn] : (expiresIn ?? undefined);
  if (isWord ? !(expiresIn in EXPIRES) : seconds !== undefined && !(seconds > 0))
    takes("expiresIn", `seconds, or "${Object.keys(EXPIRES).join('", "')}"`);
  const json = JSON.stringify({ expiration_duration_seconds: seconds, initial_acl: initialAcl });
  return json === "{}" ? undefined : carried(json, "initialAcl");
};

/** fal's limits; it drops what is beyond them without a word. */
const TAGS = {
  pairs: 10,
  bytes: 1024,
  name: /^(?!fal\.)[a-z0-9._-]{1,64}$/,
  value: /^[!-+\--~]([ -+\--~]{0,254}[!-+\--~])?$/,
};

/** As fal's header writes them. */
const line = (tags: object): string =>
  Object.entries(tags)
    .map((pair) => pair.join("="))
    .join();

export const tags = taking<string>(
  "at most 10, names of up to 64 characters (a-z 0-9 . _ -, not beginning with fal.), printable values of up to 256 " +
    "without commas, 1024 in all",
  (given) => {
    const pairs = Object.entries(given);
    return (
      typeof given === "object" &&
      pairs.every(([name, value]) => TAGS.name.test(name) && typeof value === "string" && TAGS.value.test(value)) &&
      pairs.length <= TAGS.pairs &&
      line(given).length <= TAGS.bytes
    );
  },
  line,
);

/** The options that travel in headers, as they are read. */
export interface HeaderOptions {
  accept?: string | undefined;
  priority?: string | undefined;
  hint?: string | undefined;
  startTimeout?: string | undefined;
  lifecycle?: string | undefined;
  storageSettings?: string | undefined;
  noRetry?: boolean | undefined;
  storeIO?: string | undefined;
  tags?: string | undefined;
}

/** fal's clients refuse one second and less. */
export const startTimeout = taking<string>("seconds, more than 1", (value) => value > 1 && value < Infinity, String);

/** A caller's own headers, with names in lower case. */
export const ownHeaders: Check<Record<string, string> | undefined> = (options, name) => {
  try {
    const own = new Headers(anything(options, name));
    if (!own.has(TARGET_URL)) return Object.fromEntries(own);
  } catch {
    // They are no headers.
  }
  return takes(name, `what \`Headers\` takes, without ${TARGET_URL}`);
};

/** Yes and no, as fal writes them. */
export const digit = taking<string>(
  "true or false",
  (value) => typeof value === "boolean",
  (value) => (value ? "1" : "0"),
);

/** The headers that the options of a call stand for. */
export function callHeaders(options: HeaderOptions): Record<string, string> {
  const { startTimeout, lifecycle, storageSettings = lifecycle } = options;
  const headers: Record<string, string | false | undefined> = {
    accept: options.accept,
    "x-fal-queue-priority": options.priority,
    "x-fal-runner-hint": options.hint,
    // The current name, and the deprecated one that older gateways read.
    "x-fal-request-start-timeout": startTimeout,
    "x-fal-request-timeout": startTimeout,
    // fal has two storages, and each reads another name.
    "x-fal-object-lifecycle-preference": storageSettings,
    "x-fal-object-lifecycle": lifecycle,
    "x-fal-store-io": options.storeIO,
    "x-fal-no-retry": options.noRetry && "1",
    "x-fal-tags": options.tags,
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value)) as Record<string, string>;
}
