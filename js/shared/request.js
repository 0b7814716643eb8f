/** Turning what a machine asks for into a `fetch`. */

import { INPUT_INVALID, PAYLOAD_FILE, PAYLOAD_FILE_DESCRIPTION, PAYLOAD_INPUT, PAYLOAD_NONE } from "./codes.js";
import { Problem } from "./errors.js";

/**
 * What a caller gave along with an operation. None of it enters the core.
 *
 * @typedef {object} Job
 * @property {import("./host.js").Place} place Where calls go.
 * @property {Float64Array} retry What the caller set about trying again.
 * @property {string} [endpoint]
 * @property {unknown} [input]
 * @property {Record<string, string>} [headers] Headers of a run, a submit or an upload.
 * @property {import("./storage.js").Source} [file]
 * @property {import("./flow.js").Taker} [items] Who takes the items of a stream.
 * @property {(head: { requestId: string }) => void} [onHead] Called with every answer, before its body is read.
 * @property {(requestId: string) => void} [onEnqueue]
 * @property {(status: any) => void} [onQueueUpdate]
 */

/**
 * A request of a machine.
 *
 * @typedef {object} Asked
 * @property {number} token
 * @property {string} url
 * @property {string} method
 * @property {number} payload
 * @property {number} part Which part of the file, from 1; 0 for the whole.
 * @property {boolean} toFal
 * @property {import("./core.js").Task} task
 */

/** A value as JSON. Nothing at all is no body; everything else is one, also `0` and `false`. @param {unknown} value */
function json(value) {
  try {
    return value === undefined ? undefined : JSON.stringify(value);
  } catch (cause) {
    throw new Problem(INPUT_INVALID, cause);
  }
}

/** The input of a GET, as a query. @param {string} url @param {unknown} input */
function withQuery(url, input) {
  const entries = Object.entries(input ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return url;
  const query = new URLSearchParams(
    entries.map(([name, value]) => [name, typeof value === "string" ? value : (json(value) ?? "")]),
  );
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

/** URLs that are answered by events. */
const STREAM = /\/stream(\?|$)/;

/**
 * URL, headers and body of a request, without anything that says who asks.
 *
 * @param {Job} job
 * @param {Asked} asked
 */
export async function compose(job, { url, method, payload, part }) {
  const describes = payload === PAYLOAD_INPUT || payload === PAYLOAD_FILE_DESCRIPTION;
  const headers = new Headers(describes ? job.headers : undefined);
  if (!headers.has("accept")) headers.set("accept", STREAM.test(url) ? "text/event-stream" : "application/json");
  if (payload === PAYLOAD_NONE) return { url, headers, body: undefined };
  if (payload === PAYLOAD_INPUT && method === "GET")
    return { url: withQuery(url, job.input), headers, body: undefined };
  const file = /** @type {import("./storage.js").Source} */ (job.file);
  if (payload === PAYLOAD_FILE) {
    // A part has no type: it is not a file yet.
    if (!part) headers.set("content-type", file.contentType);
    return { url, headers, body: await file.read(part) };
  }
  headers.set("content-type", "application/json");
  const value = describes ? (payload === PAYLOAD_INPUT ? job.input : file.description) : { parts: file.receipts };
  return { url, headers, body: json(value) };
}
