/** fal's side of webhooks with keys of our own, as functions that run in any runtime. */

const algorithm = "Ed25519";

/** @param {ArrayBuffer | Uint8Array} bytes */
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A key, as it signs and as it is published. */
export async function makeKey() {
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { privateKey, publicKey } = /** @type {CryptoKeyPair} */ (pair);
  const { kty, crv, x } = await crypto.subtle.exportKey("jwk", publicKey);
  return { privateKey, jwk: { kty, crv, x } };
}

/** @typedef {Awaited<ReturnType<typeof makeKey>>} Key */

export const seconds = () => Math.floor(Date.now() / 1000);

/** The body of a webhook. Its seed is one that JSON.parse and JSON.stringify change. */
export const BODY =
  '{"request_id": "123e4567-e89b-12d3-a456-426614174000", "gateway_request_id": "later", "status": "OK", ' +
  '"payload": {"images": [], "seed": 17454220438242315174, "prompt": "a café"}}';

let count = 0;

/**
 * A webhook that is signed.
 *
 * @param {Key} key
 * @param {{ id?: string, user?: string, time?: number | string, body?: string | Uint8Array }} [parts]
 */
export async function signed(
  key,
  { id = `request-${(count += 1)}`, user = "user|1", time = seconds(), body = BODY } = {},
) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body.slice();
  const digest = hex(await crypto.subtle.digest("SHA-256", bytes));
  const message = new TextEncoder().encode([id, user, time, digest].join("\n"));
  const signature = hex(await crypto.subtle.sign(algorithm, key.privateKey, message));
  /** @type {Record<string, string>} */
  const headers = {
    "x-fal-webhook-request-id": id,
    "x-fal-webhook-user-id": user,
    "x-fal-webhook-timestamp": String(time),
    "x-fal-webhook-signature": signature,
  };
  return { headers, body: bytes };
}

/** As a request. @param {Awaited<ReturnType<typeof signed>>} webhook @param {RequestInit} [init] */
export const posted = ({ headers, body }, init) =>
  new Request("https://app.example/hook", { method: "POST", headers, body, ...init });

/**
 * A `fetch` that answers with what is published, and counts.
 *
 * @param {() => Response | Promise<Response>} answer
 */
export function publisher(answer) {
  /** @type {{ url: string, init: any }[]} */
  const asked = [];
  const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
    asked.push({ url: String(url), init });
    return answer();
  };
  return { fetch, asked };
}

/** @param {...Key} keys */
export const publish = (...keys) => publisher(() => Response.json({ keys: keys.map(({ jwk }) => jwk) }));
