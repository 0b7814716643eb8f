/**
 * Whose a request is. Who submits one gets a capability with the response, and shows it with every question about the request;
 * nothing is stored. What is signed is decided by the core (src/proxy/capability.rs), the signature is made here.
 */

import type { UpstreamRequest } from "#core";
import { callCore } from "../core/call-core.ts";
import { secretIn } from "../host/server/credentials.ts";
import type { ProxyCall } from "./call.ts";
import { credentialOf, spareCredentialOf } from "./call-key.ts";
import { CAPABILITY } from "./headers.ts";
import { MISCONFIGURED, REQUEST_UNKNOWN, Refusal } from "./refusals.ts";
import { HMAC, MIN_SECRET_BYTES, derivedBits, isSigned, signatureOf } from "./secret.ts";
import type { ProxyOptions } from "./types.ts";

/** Longer than anybody waits for a result, shorter than fal keeps one. */
const LIFETIME_SECONDS = 7 * 24 * 3600;

const tooShort = (bytes: number) =>
  `\`secret\` or FAL_PROXY_SECRET has ${bytes} bytes, and needs at least ${MIN_SECRET_BYTES}. "openssl rand -base64 32" makes one.`;

const encoder = new TextEncoder();

const now = (): number => Date.now() / 1000;

/**
 * The keys that sign (the first) and that are accepted (all of them), in the order in which they are looked for: the secret of
 * the app, or keys derived from the fal key. A derived key changes with the fal key; while there are two of those, both are
 * accepted.
 */
async function* signingKeys(call: ProxyCall): AsyncGenerator<CryptoKey> {
  const { secrets: env, report } = call;
  const { options } = call.proxy;
  const misconfigured = (error: unknown): never => {
    report(error, "secret");
    throw new Refusal(MISCONFIGURED);
  };
  const secret = await Promise.resolve(secretIn(options.secret ?? env.FAL_PROXY_SECRET)).catch(misconfigured);
  if (secret) {
    const bytes = encoder.encode(secret);
    if (bytes.byteLength < MIN_SECRET_BYTES) misconfigured(new TypeError(tooShort(bytes.byteLength)));
    yield crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign", "verify"]);
    return;
  }
  // Where there is meant to be a secret, what it signs must not change with the fal key.
  if (options.secret !== undefined) misconfigured(new TypeError("`secret` gave no text."));
  yield derivedKey(await credentialOf(call));
  const spare = await spareCredentialOf(call);
  if (spare !== undefined) yield derivedKey(spare);
}

/** A key that serves this purpose only, derived from another. */
async function derivedKey(credential: string): Promise<CryptoKey> {
  const bits = await derivedBits(credential, "fal-wasm capability 1");
  return crypto.subtle.importKey("raw", bits, HMAC, false, ["sign", "verify"]);
}

/** What signs, looked for before anything is sent. */
export async function signingKey(call: ProxyCall): Promise<CryptoKey> {
  for await (const key of signingKeys(call)) return key;
  throw new Refusal(MISCONFIGURED);
}

/** Refuses what this proxy has not signed, as if what it is about did not exist. */
export async function checkSigned(call: ProxyCall, text: string, signature: string): Promise<void> {
  for await (const key of signingKeys(call)) if (await isSigned(key, text, signature)) return;
  throw new Refusal(REQUEST_UNKNOWN);
}

/** How long a capability is valid, in seconds; 0 when there are none. */
export function ownershipSeconds({ ownership = true }: ProxyOptions): number {
  if (typeof ownership === "boolean") return ownership ? LIFETIME_SECONDS : 0;
  return ownership.expirationSeconds ?? LIFETIME_SECONDS;
}

/** The capability of a request that was just submitted; undefined when its id is invalid. */
export async function issueCapability(
  call: ProxyCall,
  upstream: UpstreamRequest,
  requestId: string,
  key: CryptoKey,
): Promise<string | undefined> {
  const capability = callCore(() =>
    upstream.capability(requestId, call.principal.id, now() + ownershipSeconds(call.proxy.options)),
  );
  if (!capability) return undefined;
  const { message, text } = capability;
  capability.free();
  return text + (await signatureOf(key, message));
}

/** Refuses a question about a request of somebody else's, as if there were no such request. */
export async function checkOwnership(call: ProxyCall, upstream: UpstreamRequest): Promise<void> {
  const shown = call.head.headers.get(CAPABILITY) ?? "";
  const capability = callCore(() => upstream.readCapability(shown, call.principal.id, now()));
  if (!capability) throw new Refusal(REQUEST_UNKNOWN);
  const { message, text: signature } = capability;
  capability.free();
  await checkSigned(call, message, signature);
}
