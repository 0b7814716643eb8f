/** Turning what a machine asks for into a `fetch`. */

import { INPUT_INVALID, PAYLOAD_FILE, PAYLOAD_FILE_DESCRIPTION, PAYLOAD_INPUT } from "./codes.js";
import { fileName } from "./core.js";
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
 * @property {Blob} [file]
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
 * @property {boolean} toFal
 * @property {import("./core.js").Task} task
 */

/** The name of a file. @param {any} file @param {string} contentType */
const nameOf = (file, contentType) => fileName(String(file.name ?? ""), contentType, Date.now());

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

/**
 * URL, headers and body of a request, without anything that says who asks.
 *
 * @param {Job} job
 * @param {Asked} asked
 */
export function compose(job, { url, method, payload }) {
  const describes = payload === PAYLOAD_INPUT || payload === PAYLOAD_FILE_DESCRIPTION;
  const headers = new Headers(describes ? job.headers : undefined);
  headers.set("accept", "application/json");
  if (payload === PAYLOAD_INPUT && method === "GET")
    return { url: withQuery(url, job.input), headers, body: undefined };
  if (!job.file) {
    if (describes) headers.set("content-type", "application/json");
    return { url, headers, body: describes ? json(job.input) : undefined };
  }
  const contentType = job.file.type || "application/octet-stream";
  headers.set("content-type", payload === PAYLOAD_FILE ? contentType : "application/json");
  const description = { content_type: contentType, file_name: nameOf(job.file, contentType) };
  return { url, headers, body: payload === PAYLOAD_FILE ? job.file : json(description) };
}
