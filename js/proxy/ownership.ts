/**
 * Whose a request is. Who submits one gets a capability with the answer, and shows it with every question about the
 * request; nothing is remembered. What is signed is the core's (src/proxy/capability.rs), the signature is made here.
 */

import { CAPABILITY, MISCONFIGURED, REQUEST_UNKNOWN } from "./refusals.ts";
import { findCredential, secretIn, spareCredential } from "../host/server/credentials.ts";
import { callCore } from "../core/call-core.ts";
import { Refused } from "./refused.ts";

/** @typedef {import("./call.ts").Visit} Visit */
/** @typedef {import("#core").Passage} Passage */

/** Longer than anybody waits for a result, shorter than fal keeps one. */
const SECONDS = 7 * 24 * 3600;

/** Fewer could be guessed. */
export const MIN_SECRET_BYTES = 32;

const HMAC = { name: "HMAC", hash: "SHA-256" };
const encoder = new TextEncoder();

const now = () => Date.now() / 1000;

/**
 * The keys that sign (the first) and that are believed (all of them), in the order in which they are looked for: the
 * secret of the app, or what is derived from the fal key. A key that is derived changes with the fal key; while there are
 * two of those, both are believed.
 *
 * @param {Visit} visit
 * @returns {AsyncGenerator<CryptoKey>}
 */
async function* signingKeys({ options, secrets: env }) {
  const secret = await secretIn(options.secret ?? env.FAL_PROXY_SECRET);
  if (secret) {
    const bytes = encoder.encode(secret);
    if (bytes.byteLength < MIN_SECRET_BYTES) throw new Refused(MISCONFIGURED);
    yield crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign", "verify"]);
    return;
  }
  const from = { ...options, env };
  for (const find of [findCredential, spareCredential]) {
    const credential = await find(from).catch(() => undefined);
    if (credential) yield derived(credential);
  }
}

/** A key that only its own purpose knows, made of another. @param {string} credential */
async function derived(credential) {
  const base = await crypto.subtle.importKey("raw", encoder.encode(credential), "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode("fal-wasm capability 1") };
  const bits = await crypto.subtle.deriveBits(how, base, 256);
  return crypto.subtle.importKey("raw", bits, HMAC, false, ["sign", "verify"]);
}

/** @param {ArrayBuffer} bytes */
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** @param {string} text */
const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

/** How long a capability is good, in seconds; 0 when there are none. @param {Visit} visit */
const lifetime = ({ options: { ownership = true } }) =>
  ownership === true ? SECONDS : ownership === false ? 0 : (ownership.expirationSeconds ?? SECONDS);

/** What will sign, looked for before anything is sent; undefined when there are no capabilities. @param {Visit} visit */
export async function signerFor(visit) {
  if (!lifetime(visit)) return undefined;
  for await (const key of signingKeys(visit)) return key;
  throw new Refused(MISCONFIGURED);
}

/**
 * The capability of a request that was just submitted; undefined when its id is none.
 *
 * @param {Visit} visit @param {Passage} passage @param {string} requestId @param {CryptoKey} signer
 */
export async function capabilityFor(visit, passage, requestId, signer) {
  const claim = callCore(() => passage.claim(requestId, visit.principal.id, now() + lifetime(visit)));
  if (!claim) return undefined;
  const { message, text } = claim;
  claim.free();
  return text + base64url(await crypto.subtle.sign(HMAC, signer, encoder.encode(message)));
}

/**
 * Whether a question is about a request of one's own. If not, there is no such request.
 *
 * @param {Visit} visit @param {Passage} passage
 */
export async function mustBeOwn(visit, passage) {
  if (!lifetime(visit) || !visit.facts.requestId) return;
  const shown = visit.request.headers.get(CAPABILITY) ?? "";
  const claim = callCore(() => passage.claimed(shown, visit.principal.id, now()));
  if (!claim) throw new Refused(REQUEST_UNKNOWN);
  const [message, mac] = [encoder.encode(claim.message), fromBase64url(claim.text)];
  claim.free();
  for await (const key of signingKeys(visit)) {
    if (await crypto.subtle.verify(HMAC, key, mac, message)) return;
  }
  throw new Refused(REQUEST_UNKNOWN);
}
