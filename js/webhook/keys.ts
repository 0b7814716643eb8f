/**
 * fal's public keys, and what they signed. When keys are used, asked for and forgotten is the core's decision
 * (src/webhook/keys.rs), and so is which of them may be used at all (src/webhook/ed25519.rs).
 */

import { readUpTo } from "../io/bytes.ts";
import { webhookKey, webhookKeysStep, webhookKeysTimeout, webhookKeysUrl } from "#core";
import { callCore } from "../core/call-core.ts";
import { KEYS_UNAVAILABLE, UNSUPPORTED, WebhookError } from "./errors.ts";

/** The answer of fal's that is still one: so many bytes, so many keys. */
const MAX_BYTES = 65_536;
const MAX_KEYS = 16;

/** How long to wait before looking again whether somebody else's question was answered, in milliseconds. */
const LOOK_AGAIN = 20;

const ALGORITHM = "Ed25519";

// Numbers of `Step` (src/webhook/keys.rs).
const USE = 0;
const ASK = 1;
const WAIT = 2;

/**
 * What this isolate knows.
 *
 * @typedef {object} Known
 * @property {CryptoKey[]} keys
 * @property {number} since When these keys were asked for; `NaN` is never.
 * @property {number} asked When fal was last asked, or when that failed.
 * @property {boolean} open Whether the last question is not answered yet.
 * @property {unknown} trouble Why the last question failed.
 */

/** By the `fetch` they came through. @type {WeakMap<Function, Known>} */
const known = new WeakMap();

/**
 * Whether one of fal's keys made this signature.
 *
 * @param {typeof globalThis.fetch} fetch
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {Uint8Array<ArrayBuffer>} message
 */
export async function isSigned(fetch, signature, message) {
  const keys = await keysOfFal(fetch, false);
  if (await isSignedByOne(keys, signature, message)) return true;
  // fal may have new keys.
  const newer = await keysOfFal(fetch, true);
  return newer !== keys && isSignedByOne(newer, signature, message);
}

/**
 * Keys that can be used now.
 *
 * Whoever finds a question open looks again from time to time instead of waiting for its promise: in a worker that
 * promise is another request's, and is never settled when that one is cut off.
 *
 * @param {typeof globalThis.fetch} fetch
 * @param {boolean} missed Whether none of the keys at hand made the signature.
 */
async function keysOfFal(fetch, missed) {
  const mine = known.get(fetch) ?? { keys: [], since: NaN, asked: NaN, open: false, trouble: undefined };
  known.set(fetch, mine);
  for (;;) {
    const step = callCore(() => webhookKeysStep(Date.now(), mine.since, mine.asked, mine.open, missed));
    if (step === USE) return mine.keys;
    if (step === ASK) await ask(fetch, mine);
    else if (step === WAIT) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    else throw mine.trouble instanceof WebhookError ? mine.trouble : new WebhookError(KEYS_UNAVAILABLE, mine.trouble);
  }
}

/** Asks fal for its keys. What does not bring any changes nothing. @param {typeof globalThis.fetch} fetch @param {Known} mine */
async function ask(fetch, mine) {
  const asked = Date.now();
  Object.assign(mine, { asked, open: true });
  /** @type {Partial<Known>} */
  let news;
  try {
    news = { keys: await fetchKeys(fetch), since: asked, trouble: undefined };
  } catch (trouble) {
    news = { trouble, asked: Date.now() };
  }
  // A question that took so long that it was asked again has nothing to say any more.
  if (mine.asked === asked) Object.assign(mine, news, { open: false });
}

/** @param {typeof globalThis.fetch} fetch @returns {Promise<CryptoKey[]>} */
async function fetchKeys(fetch) {
  const [url, timeout] = callCore(() => [webhookKeysUrl(), webhookKeysTimeout()]);
  const abort = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => (abort.abort(), reject(new Error(`${url} was not answered in time.`))), timeout);
  });
  const answer = async () => {
    const init = { headers: { accept: "application/json" }, redirect: /** @type {const} */ ("manual") };
    const { status, body } = await fetch(url, { ...init, signal: abort.signal });
    if (status === 200) return readKeys(await readUpTo(body, MAX_BYTES));
    await body?.cancel();
    throw new Error(`${url} was answered with status ${status}.`);
  };
  try {
    return await Promise.race([answer(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** The keys among what was answered: those that may be used. @param {Uint8Array | undefined} body */
async function readKeys(body) {
  const list = body && JSON.parse(new TextDecoder().decode(body))?.keys;
  const few = Array.isArray(list) && list.length <= MAX_KEYS ? list : [];
  const keys = (await Promise.all(few.map(importKey))).filter((key) => key !== undefined);
  if (keys.length === 0) throw new Error("fal's answer has no Ed25519 keys, or too many.");
  return keys;
}

/** A key, when it is one that may be used. @param {any} jwk @returns {Promise<CryptoKey | undefined>} */
export async function importKey(jwk) {
  const { kty, crv, x, use = "sig" } = jwk ?? {};
  if (![kty, crv, x].every((part) => typeof part === "string") || use !== "sig") return undefined;
  const bytes = callCore(() => webhookKey(kty, crv, x));
  if (!bytes) return undefined;
  try {
    return await crypto.subtle.importKey("raw", own(bytes), ALGORITHM, false, ["verify"]);
  } catch (error) {
    if (/** @type {any} */ (error)?.name === "NotSupportedError") throw new WebhookError(UNSUPPORTED, error);
    return undefined;
  }
}

/** @param {CryptoKey[]} keys @param {Uint8Array<ArrayBuffer>} signature @param {Uint8Array<ArrayBuffer>} message */
export async function isSignedByOne(keys, signature, message) {
  for (const key of keys) if (await crypto.subtle.verify(ALGORITHM, key, signature, message)) return true;
  return false;
}

/** Bytes of the core's are copies, and no memory that is shared. */
const own = (/** @type {Uint8Array} */ bytes) => /** @type {Uint8Array<ArrayBuffer>} */ (bytes);
