/** What an app signs and seals with. */

import { fromBase64url, toBase64url } from "./base64url.ts";

const encoder = new TextEncoder();

/** A shorter secret could be guessed. */
export const MIN_SECRET_BYTES = 32;

/** Whether a value is a secret that is long enough. */
export const isLongSecret = (value: unknown): value is string =>
  typeof value === "string" && encoder.encode(value.trim()).byteLength >= MIN_SECRET_BYTES;

/** How what the app signs is signed; checking it takes the same time for every wrong signature. */
export const HMAC = { name: "HMAC", hash: "SHA-256" };

/** The signature of a text, as base64url. */
export const signatureOf = async (key: CryptoKey, text: string): Promise<string> =>
  toBase64url(new Uint8Array(await crypto.subtle.sign(HMAC, key, encoder.encode(text))));

/** Whether a signature is that of a text. */
export const isSigned = (key: CryptoKey, text: string, signature: string): Promise<boolean> =>
  crypto.subtle.verify(HMAC, key, fromBase64url(signature), encoder.encode(text));

/** 256 bits that serve one purpose only, derived from a secret (HKDF, SHA-256). */
export async function derivedBits(secret: string, purpose: string): Promise<ArrayBuffer> {
  const base = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(purpose) };
  return crypto.subtle.deriveBits(how, base, 256);
}
