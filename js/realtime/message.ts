/** What goes over a realtime connection: MessagePack and JSON, or what the caller makes of it, and the app's own words. */

import { decode, encode } from "./msgpack.ts";

/** @typedef {string | ArrayBuffer | ArrayBufferView} Data */

/** A message as it is sent. @param {any} handler @param {any} input @returns {Data} */
export function encodeMessage({ encodeMessage: own }, input) {
  const data = own ? own(input) : input instanceof Uint8Array ? input : encode(input);
  if (typeof data === "string" || data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data;
  throw new TypeError("`encodeMessage` has to return a string or bytes.");
}

/** @param {Data} data */
export const sizeOf = (data) => (typeof data === "string" ? data.length : data.byteLength);

/**
 * A message as it came. What the app says about the session itself is JSON, whatever a caller's own codec is.
 *
 * @param {any} handler @param {any} data @returns {Promise<any>}
 */
export async function decodeMessage({ decodeMessage: own }, data) {
  const isText = typeof data === "string";
  if (isText && (!own || /"type":\s*"x-fal-/.test(data))) return JSON.parse(data);
  if (own) return own(data);
  return decode(data instanceof Blob ? await data.arrayBuffer() : data);
}

/** What a message is: a result, an error, or something about the session. @param {any} message */
export function kindOf(message) {
  if (message?.type === "x-fal-message") return "note";
  if (message?.type === "x-fal-error") return message.error === "TIMEOUT" ? "end" : "error";
  if (message?.status !== "error") return "result";
  return message.error === "Unauthorized" ? "unauthorized" : "error";
}
