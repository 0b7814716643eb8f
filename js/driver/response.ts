/** Reads responses. */

/** How a body is decoded, by the numbers of `Decoding` (src/bindings/hands.rs); what is left is JSON when it is some. */
const JSON_ONLY = 0;
const TEXT = 1;
const BYTES = 2;
const RECEIPT = 4;

/** Names of fal's response headers. */
const REQUEST_ID = "x-fal-request-id";
const NEEDS_RETRY = "x-fal-needs-retry";
const RETRYABLE = "x-fal-retryable";
const TIMEOUT_TYPE = "x-fal-request-timeout-type";
const ERROR_TYPE = "x-fal-error-type";
const BILLABLE = "x-fal-billable-units";

/** A number that is not negative, if that is what a text is. */
const number = (value: string | null): number | undefined => (value && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined);

/** How long the server asks to wait, in milliseconds: `retry-after-ms`, or `Retry-After` in seconds or as a date. */
function retryAfter(headers: Headers): number | undefined {
  const [ms, after] = [number(headers.get("retry-after-ms")), headers.get("retry-after")];
  const seconds = number(after);
  const date = seconds === undefined && after ? Date.parse(after) - Date.now() : NaN;
  return ms ?? (seconds === undefined ? (Number.isNaN(date) ? undefined : Math.max(0, date)) : seconds * 1000);
}

/** fal writes booleans as `1`, `true`, `0`, `false`. */
const boolean = (value: string | null): boolean | undefined =>
  (value === null ? undefined : /^(1|true)$/i.test(value.trim()));

/** Whether it is what `fetch` resolves with; one of the caller's own may give anything. */
export const isAnswer = (response: unknown): response is Response =>
  typeof (response as Partial<Response> | null | undefined)?.headers?.get === "function";

/** What is known of a response before its body is read. */
export interface ResponseHead {
  status: number;
  contentType: string;
  requestId: string;
  retryAfterMs: number | undefined;
  retryable: boolean | undefined;
  timeoutType: string | undefined;
  errorType: string | undefined;
  billable: number | undefined;
}

export function headOf({ status, headers }: Pick<Response, "status" | "headers">): ResponseHead {
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

/** Reads a body. */
export async function decode(response: Response, decoding: number): Promise<unknown> {
  if (decoding === JSON_ONLY) return response.json();
  if (decoding === BYTES) return response.arrayBuffer();
  const text = await response.text();
  // A page may not be allowed to see the header.
  const etag = decoding === RECEIPT && response.headers.get("etag");
  return etag ? { etag } : parse(text, decoding);
}

/** Reads a text. */
export function parse(text: string, decoding: number): unknown {
  if (decoding === TEXT) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (decoding === JSON_ONLY) throw error;
    return text;
  }
}
