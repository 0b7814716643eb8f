/** Reading answers. */

import { Decoding } from "./core.js";

/** Names of fal's response headers. */
const REQUEST_ID = "x-fal-request-id";
const NEEDS_RETRY = "x-fal-needs-retry";
const RETRYABLE = "x-fal-retryable";
const TIMEOUT_TYPE = "x-fal-request-timeout-type";

/** `Retry-After`, in seconds or as a date, in milliseconds from now. @param {string | null} value */
function retryAfter(value) {
  if (!value) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** fal writes booleans as `1`, `true`, `0`, `false`. @param {string | null} value */
const boolean = (value) => (value === null ? undefined : /^(1|true)$/i.test(value.trim()));

/** What is known of an answer before its body is read. @param {Response} response */
export function headOf({ status, headers }) {
  return {
    status,
    contentType: headers.get("content-type") ?? undefined,
    requestId: headers.get(REQUEST_ID) ?? "",
    retryAfterMs: retryAfter(headers.get("retry-after")),
    retryable: boolean(headers.get(NEEDS_RETRY) ?? headers.get(RETRYABLE)),
    userTimeout: headers.get(TIMEOUT_TYPE) === "user",
  };
}

/** Reads a body. @param {Response} response @param {Decoding} decoding @returns {Promise<any>} */
export async function decode(response, decoding) {
  if (decoding === Decoding.Json) return response.json();
  if (decoding === Decoding.Bytes) return response.arrayBuffer();
  const text = await response.text();
  // A page may not be allowed to see the header.
  const etag = decoding === Decoding.Receipt && response.headers.get("etag");
  return etag ? { etag } : parse(text, decoding);
}

/** Reads a text. @param {string} text @param {Decoding} decoding @returns {any} */
export function parse(text, decoding) {
  if (decoding === Decoding.Text) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (decoding === Decoding.Json) throw error;
    return text;
  }
}
