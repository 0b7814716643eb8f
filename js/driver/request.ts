/** Turns a request of an operation into the parts of a `fetch`. */

import { FailureKind, Payload, RequestKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import type { FileBytes } from "../storage/bytes.ts";
import type { OperationJob, OutgoingRequest } from "./job.ts";

const JSON_TYPE = "application/json";

/** Headers that are being written, by their names in small letters: to make and to read a `Headers` costs more than a call's own work. */
export type HeaderRecord = Record<string, string>;

/** A request without anything that says who asks. */
export interface ComposedRequest {
  url: string;
  method: string;
  headers: HeaderRecord;
  accept: string;
  body?: string | FileBytes | undefined;
  contentType?: string | false | undefined;
}

/** A value as JSON. Only `undefined` is no body; everything else is one, also `0` and `false`. */
export function json(value: unknown): string | undefined {
  try {
    return value === undefined ? undefined : JSON.stringify(value);
  } catch (cause) {
    throw new OperationError(FailureKind.InputInvalid, { cause });
  }
}

/** Adds values as a query: texts as they are, everything else as JSON. */
function withQuery(url: string, values: unknown): string {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return url;
  const query = new URLSearchParams(
    entries.map(([name, value]) => [name, typeof value === "string" ? value : (json(value) ?? "")]),
  );
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

/** Requests that are answered by events. */
const STREAMED: readonly number[] = [RequestKind.Stream, RequestKind.Follow];

/** URL, headers and body of a request. The headers are those of the operation; {@link declare} adds the usual ones. */
export async function compose(
  job: OperationJob,
  { request, url, method, payload, part, isToFal }: OutgoingRequest,
): Promise<ComposedRequest> {
  const runs = payload === Payload.Input;
  const describes = runs || payload === Payload.FileDescription;
  const headers: HeaderRecord = { __proto__: null!, ...(isToFal && job.own), ...(isToFal && describes && job.headers) };
  const accept = STREAMED.includes(request) ? "text/event-stream" : JSON_TYPE;
  const { input, file } = job;
  if (runs) url = withQuery(url, job.query);
  if (runs && method === "GET") return { url: withQuery(url, input), method, headers, accept };
  // A part has no type: it is not a file yet.
  const contentType = payload === Payload.File ? !part && file?.contentType : payload > Payload.None && JSON_TYPE;
  // By the numbers of `Payload`.
  const values = [undefined, input, file?.description, undefined, { parts: file?.receipts }];
  const body = payload === Payload.File ? await file?.read(part) : json(values[payload]);
  return { url, method, headers, accept, body, contentType };
}

/** The address of a call that a token opens. */
export const withToken = (url: string, token: string): string => withQuery(url, { fal_jwt_token: token });

/** Adds the types of what is sent and what is wanted. Headers that are there stay. */
export function declare(headers: HeaderRecord, accept: string, contentType?: string | false): void {
  headers["accept"] ??= accept;
  if (contentType) headers["content-type"] ??= contentType;
}
