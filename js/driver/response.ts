/** Reading answers. */

import { BodyKind, FailureKind, Media } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";

/** Names of fal's response headers. */
const REQUEST_ID = "x-fal-request-id";
const NEEDS_RETRY = "x-fal-needs-retry";
const RETRYABLE = "x-fal-retryable";
const TIMEOUT_TYPE = "x-fal-request-timeout-type";
const ERROR_TYPE = "x-fal-error-type";
const BILLABLE = "x-fal-billable-units";

/** A number that is not negative, if that is what a text is. */
const number = (value: string | null): any => {
  // A header that came twice is a list.
  const [, digits] = /^\s*(\d+(?:\.\d+)?)\s*(?:,|$)/.exec(value ?? "") ?? [];
  return digits && Number(digits);
};

/** The length of a date in a header. */
const HTTP_DATE = 29;

/** How long the server asks to wait, in milliseconds: `retry-after-ms`, or `Retry-After` in seconds or as a date. */
function retryAfter(headers: Headers): number | undefined {
  const after = headers.get("retry-after") ?? "";
  // By the server's own clock, where it tells: ours may be wrong by more than the wait.
  const now = Date.parse(headers.get("date") ?? "") || Date.now();
  const untilDate = Math.max(0, Date.parse(after.slice(0, HTTP_DATE)) - now);
  // What is not said is no number.
  return [number(headers.get("retry-after-ms")), number(after) * 1000, untilDate].find((wait) => wait >= 0);
}

/** fal writes booleans as `1`, `true`, `0`, `false`. @param {string | null} value */
const boolean = (value: string | null) => (value === null ? undefined : /^\s*(1|true)\s*$/i.test(value));

/** Whether it is what `fetch` resolves with; one of the caller's own may give anything. */
export const isAnswer = (response: any): response is Response => typeof response?.headers?.get === "function";

/** What is known of an answer before its body is read. */
export function headOf({ status, headers }: Pick<Response, "status" | "headers">) {
  return {
    status,
    contentType: headers.get("content-type") ?? "",
    requestId: headers.get(REQUEST_ID) ?? "",
    retryAfterMs: retryAfter(headers),
    retryable: boolean(headers.get(NEEDS_RETRY) ?? headers.get(RETRYABLE)),
    timeoutType: headers.get(TIMEOUT_TYPE) ?? undefined,
    errorType: headers.get(ERROR_TYPE) ?? undefined,
    billable: number(headers.get(BILLABLE)),
  };
}

/** The answer cannot be what it is taken for. What it says instead is kept. */
function invalid(body?: unknown, cause?: unknown): never {
  throw new OperationError(FailureKind.AnswerInvalid, { body, cause });
}

/**
 * Reads the bytes of an answer as they come: also of a `fetch` whose body is a stream of Node, and of one without streams, whose
 * body comes as a whole. A status is not waited for in that way.
 */
export function bodyReader(
  response: Response,
  items: number,
): Pick<ReadableStreamDefaultReader<any>, "read" | "cancel"> {
  const { body }: { body: any } = response;
  if (body === null || response.bodyUsed || body?.locked) invalid();
  if (body?.getReader) return body.getReader();
  if (!body?.[Symbol.asyncIterator] && items !== BodyKind.Anything) invalid();
  const pieces = body?.[Symbol.asyncIterator]?.() ?? whole(response);
  return { read: () => pieces.next(), cancel: async () => pieces.return() };
}

async function* whole(response: Response) {
  yield new Uint8Array(await response.arrayBuffer());
}

/** Reads a body: by what it is made of, and by what it is expected to be. */
export async function decode(response: Response, media: number, kind: number, takesHtml = false): Promise<any> {
  if (response.bodyUsed || response.body?.locked) invalid();
  const isEither = kind === BodyKind.Receipt || kind === BodyKind.Explanation;
  if (!isEither && media === Media.Bytes) return response.arrayBuffer();
  const text = await response.text();
  if (!isEither && media === Media.Html && !takesHtml) invalid(text);
  // A page may not be allowed to see the header.
  const etag = kind === BodyKind.Receipt && response.headers.get("etag");
  return etag ? { etag } : parse(text, media, kind);
}

/** Reads a text. A receipt and an explanation are JSON when they are some. */
export function parse(text: string, media: number, kind: number): any {
  const isEither = kind === BodyKind.Receipt || kind === BodyKind.Explanation;
  if (!isEither && media !== Media.Json) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    return isEither ? text : invalid(text, error);
  }
}
