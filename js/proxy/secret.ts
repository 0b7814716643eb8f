/** What an app signs and seals with. */

const encoder = new TextEncoder();

/** A shorter secret could be guessed. */
export const MIN_SECRET_BYTES = 32;

/** Whether a value is a secret that is long enough. */
export const isLongSecret = (value: unknown): value is string =>
  typeof value === "string" && encoder.encode(value.trim()).byteLength >= MIN_SECRET_BYTES;

/** 256 bits that serve one purpose only, derived from a secret (HKDF, SHA-256). */
export async function derivedBits(secret: string, purpose: string): Promise<ArrayBuffer> {
  const base = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(purpose) };
  return crypto.subtle.deriveBits(how, base, 256);
}
