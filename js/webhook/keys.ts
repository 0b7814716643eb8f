/**
 * fal's public keys, and what they signed. The core decides when keys are used, requested and dropped (src/webhook/keys.rs), and
 * which of them may be used at all (src/webhook/ed25519.rs).
 */

import { webhookKey, webhookKeysStep, webhookKeysTimeout, webhookKeysUrl } from "#core";
import { callCore } from "../core/call-core.ts";
import { KeysStep, WebhookRefusal } from "../core/wire.ts";
import { localised } from "../host/server/local-hosts.ts";
import { readAtMost } from "../io/read-at-most.ts";
import { withTimeout } from "../io/timeout.ts";
import { uncached } from "../io/uncached.ts";
import { WebhookError } from "./errors.ts";

/** The largest acceptable answer: this many bytes, this many keys. */
const MAX_BYTES = 65_536;
const MAX_KEYS = 16;

/** How long to wait before looking again whether another request for keys was answered, in milliseconds. */
const LOOK_AGAIN_MS = 20;

const ALGORITHM = "Ed25519";

/** What is used of `fetch`. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What this isolate knows. */
interface Known {
  /** Where they come from. */
  url: string;
  keys: CryptoKey[];
  /** When these keys were requested; `NaN` is never. */
  since: number;
  /** When fal was last asked, or when that failed. */
  asked: number;
  /** Whether the last request is not answered yet. */
  open: boolean;
  /** Why the last request failed. */
  failure: unknown;
}

/** By the `fetch` that keys came through. */
const known = new WeakMap<Fetch, Known>();

/** Whether one of fal's keys made this signature. */
export async function isSigned(fetch: Fetch, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  const keys = await falKeys(fetch, false);
  if (await isSignedByOne(keys, signature, message)) return true;
  // fal may have new keys.
  const newer = await falKeys(fetch, true);
  return newer !== keys && isSignedByOne(newer, signature, message);
}

/**
 * Keys that can be used now.
 *
 * While another request for keys is open, its state is looked at from time to time instead of awaiting its promise: in a worker
 * that promise belongs to another request, and is never settled when that one is cut off.
 *
 * @param missed Whether none of the known keys made the signature.
 */
async function falKeys(fetch: Fetch, missed: boolean): Promise<CryptoKey[]> {
  const url = callCore(() => localised(webhookKeysUrl()));
  const before = known.get(fetch);
  const mine =
    before?.url === url ? before : { url, keys: [], since: NaN, asked: NaN, open: false, failure: undefined };
  known.set(fetch, mine);
  for (;;) {
    const step = callCore(() => webhookKeysStep(Date.now(), mine.since, mine.asked, mine.open, missed));
    if (step === KeysStep.Use) return mine.keys;
    if (step === KeysStep.Ask) await ask(fetch, mine);
    else if (step === KeysStep.Wait) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    else
      throw mine.failure instanceof WebhookError
        ? mine.failure
        : new WebhookError(WebhookRefusal.KeysUnavailable, mine.failure);
  }
}

/** Asks fal for its keys. A failure leaves the known keys as they are. */
async function ask(fetch: Fetch, mine: Known): Promise<void> {
  const asked = Date.now();
  Object.assign(mine, { asked, open: true });
  let news: Partial<Known>;
  try {
    news = { keys: await fetchKeys(fetch, mine.url), since: asked, failure: undefined };
  } catch (failure) {
    news = { failure, asked: Date.now() };
  }
  // A request that took so long that another was made since is out of date.
  if (mine.asked === asked) Object.assign(mine, news, { open: false });
}

async function fetchKeys(fetch: Fetch, url: string): Promise<CryptoKey[]> {
  const timeout = callCore(webhookKeysTimeout);
  const abort = new AbortController();
  const answer = async () => {
    const init: RequestInit = {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: abort.signal,
      ...uncached(),
    };
    const { status, body } = await fetch(url, init);
    if (status === 200) return readKeys(await readAtMost(body, MAX_BYTES));
    await body?.cancel();
    throw new Error(`${url} was answered with status ${status}.`);
  };
  return withTimeout(answer(), timeout, () => {
    abort.abort();
    throw new Error(`${url} was not answered in time.`);
  });
}

/** The usable ones among the keys of an answer. */
async function readKeys(body: Uint8Array | undefined): Promise<CryptoKey[]> {
  const list: unknown = body && JSON.parse(new TextDecoder().decode(body))?.keys;
  const few: unknown[] = Array.isArray(list) && list.length <= MAX_KEYS ? list : [];
  const keys = (await Promise.all(few.map(importKey))).filter((key) => key !== undefined);
  if (keys.length === 0) throw new Error("fal's answer has no Ed25519 keys, or too many.");
  return keys;
}

/** A JSON Web Key as a key to verify with, when it is one that may be used. */
export async function importKey(jwk: unknown): Promise<CryptoKey | undefined> {
  const { kty, crv, x, use = "sig" } = Object(jwk);
  if (![kty, crv, x].every((part) => typeof part === "string") || use !== "sig") return undefined;
  const bytes = callCore(() => webhookKey(kty, crv, x));
  if (!bytes) return undefined;
  try {
    return await crypto.subtle.importKey("raw", owned(bytes), ALGORITHM, false, ["verify"]);
  } catch (error) {
    if (Object(error).name === "NotSupportedError") throw new WebhookError(WebhookRefusal.Unsupported, error);
    return undefined;
  }
}

export async function isSignedByOne(keys: CryptoKey[], signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  for (const key of keys) {
    if (await crypto.subtle.verify(ALGORITHM, key, owned(signature), owned(message))) return true;
  }
  return false;
}

/** What the core gives is a copy of its memory, and never shared. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;
