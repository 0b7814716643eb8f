/** Verifying a webhook: headers, time, body and signature, in the order of what costs least. */

import { readUpTo } from "../io/bytes.ts";
import { WebhookDelivery } from "#core";
import { callCore } from "../core/call-core.ts";
import { callback, invalidOption } from "../client/options.ts";
import { NOT_RAW, PAYLOAD, SIGNATURE, TOO_LARGE, UNREADABLE, UNSUPPORTED, WebhookError } from "./errors.ts";
import { isSigned } from "./keys.ts";

/** @typedef {import("./types.ts").WebhookOptions} WebhookOptions */
/** @typedef {import("./types.ts").WebhookSource} WebhookSource */

/** The largest body that is read by default. Results that carry their files in them can be large. */
const MAX_BODY_BYTES = 16_777_216;

const HEADERS = ["request-id", "user-id", "timestamp", "signature"].map((name) => `x-fal-webhook-${name}`);

/**
 * Looks at options; throws what is wrong with them.
 *
 * @param {WebhookOptions} options
 * @param {string[]} store What the replay store has to have.
 */
export function checkOptions(options, store) {
  const { maxBodyBytes = MAX_BODY_BYTES } = options;
  callback(options, "fetch");
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes <= 0) invalidOption("maxBodyBytes");
  const { replayStore } = /** @type {any} */ (options);
  if (replayStore && !store.every((name) => typeof replayStore[name] === "function")) invalidOption("replayStore");
}

/**
 * What fal says, once it is certain that it is fal who says it. The name is the one under which it is delivered again.
 *
 * @param {WebhookSource} source
 * @param {WebhookOptions} options
 */
export async function authenticate(source, { fetch = globalThis.fetch, maxBodyBytes = MAX_BODY_BYTES }) {
  const [requestId, userId, timestamp, signature] = HEADERS.map((name) => header(source?.headers, name));
  const delivery = readHeaders(requestId, userId, timestamp, signature);
  try {
    if (!globalThis.crypto?.subtle) throw new WebhookError(UNSUPPORTED);
    const body = await bodyOf(source, maxBodyBytes);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    const [message, bytes] = callCore(() => [delivery.message(digest), delivery.signature()]);
    if (!(await isSigned(fetch, bytesOf(bytes), bytesOf(message)))) throw new WebhookError(SIGNATURE);
    return { name: String(requestId), event: { ...readPayload(body), userId: String(userId) } };
  } finally {
    delivery.free();
  }
}

/** @param {any} bytes @returns {Uint8Array<ArrayBuffer>} */
const bytesOf = (bytes) => bytes;

/** @param {(string | undefined)[]} headers */
function readHeaders(...[requestId, userId, timestamp, signature]) {
  return callCore(() => {
    try {
      return new WebhookDelivery(requestId, userId, timestamp, signature, Date.now());
    } catch (error) {
      throw typeof error === "number" ? new WebhookError(error) : error;
    }
  });
}

/**
 * A header of a `Headers`, of pairs, or of an object as Node has it. One that is there twice is joined as the web does
 * it, which the core refuses.
 *
 * @param {any} headers @param {string} name
 */
function header(headers, name) {
  const pairs = typeof headers?.[Symbol.iterator] === "function" ? [...headers] : Object.entries(headers ?? {});
  const named = pairs.filter((pair) => String(pair?.[0]).toLowerCase() === name);
  const values = named.flatMap(([, value]) => value ?? []);
  if (values.length === 0) return undefined;
  return values.every((value) => typeof value === "string") ? values.join(", ") : "";
}

/**
 * The bytes of a body, in a copy of our own: what is verified is what is parsed, whatever happens to them meanwhile.
 *
 * @param {any} source @param {number} limit @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function bodyOf(source, limit) {
  const { body } = source;
  if (typeof source.arrayBuffer === "function") {
    if (source.bodyUsed || Number(header(source.headers, "content-length")) > limit)
      throw new WebhookError(source.bodyUsed ? UNREADABLE : TOO_LARGE);
    const bytes = await readUpTo(body, limit).catch((cause) => {
      throw new WebhookError(UNREADABLE, cause);
    });
    return bytes ?? raise(TOO_LARGE);
  }
  const isBuffer = Object.prototype.toString.call(body) === "[object ArrayBuffer]";
  if (!isBuffer && !ArrayBuffer.isView(body)) throw new WebhookError(NOT_RAW);
  if (body.byteLength > limit) throw new WebhookError(TOO_LARGE);
  return isBuffer
    ? new Uint8Array(body.slice(0))
    : new Uint8Array(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
}

/** @param {number} number @returns {never} */
const raise = (number) => {
  throw new WebhookError(number);
};

/**
 * The fields of fal's that are known; nothing else of the text can become one.
 *
 * @param {Uint8Array} body
 * @returns {any}
 */
function readPayload(body) {
  let read;
  try {
    read = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) ?? {};
  } catch (cause) {
    throw new WebhookError(PAYLOAD, cause);
  }
  const { request_id, gateway_request_id: gatewayRequestId, status, payload = null, error, payload_error } = read;
  if (typeof request_id !== "string" || (status !== "OK" && status !== "ERROR")) throw new WebhookError(PAYLOAD);
  const all = { request_id, gatewayRequestId, status, payload, error, payload_error };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
