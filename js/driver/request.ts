/** Turning what a machine asks for into a `fetch`. */

import { FailureKind, Payload, RequestKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";

/**
 * What a caller gave along with an operation. None of it enters the core.
 *
 * @typedef {object} Job
 * @property {import("#host/host.ts").Transport} transport Where calls go.
 * @property {import("./open.ts").Patience} patience How often and how long to try.
 * @property {{ spent: number }} retryBudget What the tries of this client have cost.
 * @property {string} [endpoint]
 * @property {unknown} [input]
 * @property {Record<string, string>} [headers] Headers of a run, a submit or an upload.
 * @property {import("../storage/source.ts").Source} [file]
 * @property {import("../io/pump.ts").StreamSink} [items] Who takes the items of a stream.
 * @property {(head: { requestId: string }, response: Response) => void} [onHead] Called with every answer, before its body
 *   is read.
 * @property {Record<string, string>} [own] The caller's own headers, for every request to fal.
 * @property {Record<string, any>} [query] The caller's own query parameters of a run or a submit.
 * @property {(signal: AbortSignal) => Promise<string>} [token] Where the call goes straight to fal: a fresh token for
 *   each try, which says who asks.
 * @property {typeof import("#host/host.ts").send} [send] How it is sent, when not as a call of a model is.
 * @property {typeof import("#host/host.ts").failure} [failure] How a failure is explained, when not as one of a model is.
 * @property {(requestId: string) => void} [onEnqueue]
 * @property {(status: any) => void} [onQueueUpdate]
 */

/**
 * A request of a machine.
 *
 * @typedef {object} OutgoingRequest
 * @property {number} token
 * @property {string} url
 * @property {string} method
 * @property {number} payload
 * @property {number} part Which part of the file, from 1; 0 for the whole.
 * @property {boolean} toFal
 * @property {import("#core").Task} task
 */

const JSON_TYPE = "application/json";

/** A value as JSON. Nothing at all is no body; everything else is one, also `0` and `false`. @param {unknown} value */
export function json(value) {
  try {
    return value === undefined ? undefined : JSON.stringify(value);
  } catch (cause) {
    throw new OperationError(FailureKind.InputInvalid, cause);
  }
}

/** Values as a query: texts as they are, everything else as JSON. @param {string} url @param {any} values */
function withQuery(url, values) {
  const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return url;
  const query = new URLSearchParams(
    entries.map(([name, value]) => [name, typeof value === "string" ? value : (json(value) ?? "")]),
  );
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

/** Requests that are answered by events. */
const STREAMED: readonly number[] = [RequestKind.Stream, RequestKind.Follow];

/**
 * URL, headers and body of a request, without anything that says who asks. The headers are those of the operation;
 * {@link declare} adds what goes without saying.
 *
 * @param {Job} job
 * @param {OutgoingRequest} asked
 */
export async function compose(job, { request, url, method, payload, part, isToFal }) {
  const runs = payload === Payload.Input;
  const describes = runs || payload === Payload.FileDescription;
  const headers = new Headers(isToFal ? { ...job.own, ...(describes && job.headers) } : undefined);
  const accept = STREAMED.includes(request) ? "text/event-stream" : JSON_TYPE;
  if (payload === Payload.None) return { url, method, headers, accept };
  if (runs) url = withQuery(url, job.query);
  if (runs && method === "GET") return { url: withQuery(url, job.input), method, headers, accept };
  const file = /** @type {import("../storage/source.ts").Source} */ job.file;
  if (payload === Payload.File) {
    // A part has no type: it is not a file yet.
    return { url, method, headers, accept, body: await file.read(part), contentType: part ? "" : file.contentType };
  }
  const value = describes ? (runs ? job.input : file.description) : { parts: file.receipts };
  return { url, method, headers, accept, body: json(value), contentType: JSON_TYPE };
}

/** The address of a call that a token opens. @param {string} url @param {string} token */
export const withToken = (url, token) => withQuery(url, { fal_jwt_token: token });

/**
 * What goes without saying: what comes and what is wanted. Headers that are there stay.
 *
 * @param {Headers} headers
 * @param {string} accept
 * @param {string} [contentType]
 */
export function declare(headers, accept, contentType) {
  if (!headers.has("accept")) headers.set("accept", accept);
  if (contentType && !headers.has("content-type")) headers.set("content-type", contentType);
}
