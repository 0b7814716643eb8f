/** Verifying a webhook: headers, time, body and signature, the cheapest first. */

import { WebhookDelivery } from "#core";
import { callCore } from "../core/call-core.ts";
import { WebhookRefusal } from "../core/wire.ts";
import { readAtMost } from "../io/read-at-most.ts";
import { WebhookError } from "./errors.ts";
import { isSigned } from "./keys.ts";
import type { ReplayStore, SubmittedRequests, WebhookEvent, WebhookOptions, WebhookSource } from "./types.ts";

/** The largest body that is read by default. Results that contain their files can be large. */
const MAX_BODY_BYTES = 16_777_216;

/** Options of verifying, whatever the store can do. */
type Options = Omit<WebhookOptions, "replayStore"> & { replayStore?: Partial<ReplayStore> };

/** What fal says, once it is certain that fal says it. The name is the same when it is delivered again. */
export async function authenticate<Payload>(
  source: WebhookSource,
  { fetch = globalThis.fetch, maxBodyBytes = MAX_BODY_BYTES, accounts, submitted }: Options,
): Promise<{ name: string; event: WebhookEvent<Payload> }> {
  const header = (name: string) => headerOf(source?.headers, `x-fal-webhook-${name}`);
  const [requestId, userId] = [header("request-id"), header("user-id")];
  const delivery = readHeaders(requestId, userId, header("timestamp"), header("signature"));
  try {
    if (!globalThis.crypto?.subtle) throw new WebhookError(WebhookRefusal.Unsupported);
    const body = await bodyOf(source, maxBodyBytes);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    const [signature, message] = callCore(() => [delivery.signature(), delivery.message(digest)] as const);
    if (!message || !(await isSigned(fetch, signature, message))) throw new WebhookError(WebhookRefusal.Signature);
    const event = { ...parsePayload(body), userId: String(userId) } as WebhookEvent<Payload>;
    const attempt = typeof event.gatewayRequestId === "string" ? event.gatewayRequestId : undefined;
    const refusal = callCore(() => delivery.refusal(event.request_id, attempt, accounts && [...accounts]));
    if (refusal >= 0) throw new WebhookError(refusal);
    if (submitted && !(await isSubmitted(submitted, event.request_id))) {
      throw new WebhookError(WebhookRefusal.RequestUnknown);
    }
    return { name: event.request_id, event };
  } finally {
    delivery.free();
  }
}

/** Whether the app has submitted a request. An app that cannot say so just now has the webhook delivered again. */
async function isSubmitted(submitted: SubmittedRequests, requestId: string): Promise<boolean> {
  try {
    return (await (typeof submitted === "function" ? submitted(requestId) : submitted.has(requestId))) === true;
  } catch (cause) {
    throw new WebhookError(WebhookRefusal.NotHandled, cause);
  }
}

function readHeaders(...[requestId, userId, timestamp, signature]: (string | undefined)[]): WebhookDelivery {
  return callCore(() => {
    try {
      return new WebhookDelivery(requestId, userId, timestamp, signature, Date.now());
    } catch (error) {
      throw typeof error === "number" ? new WebhookError(error) : error;
    }
  });
}

/**
 * A header of a `Headers`, of pairs, or of an object as Node has it. One that occurs twice is joined as `Headers` does it, which
 * the core refuses.
 */
function headerOf(headers: WebhookSource["headers"] | undefined, name: string): string | undefined {
  const isIterable = typeof (headers as Iterable<unknown> | undefined)?.[Symbol.iterator] === "function";
  const pairs: unknown[] = isIterable ? [...(headers as Iterable<unknown>)] : Object.entries(headers ?? {});
  const named = pairs.map((pair): { 0?: unknown; 1?: unknown } => Object(pair));
  const values = named.flatMap((pair) => (String(pair[0]).toLowerCase() === name ? (pair[1] ?? []) : []));
  if (values.length === 0) return undefined;
  return values.every((value) => typeof value === "string") ? values.join(", ") : "";
}

/** The bytes of a body, in a copy of our own: what is verified is what is parsed, whatever happens to them meanwhile. */
async function bodyOf(source: WebhookSource, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if ("arrayBuffer" in source && typeof source.arrayBuffer === "function") return readRequest(source, limit);
  const body: unknown = source.body;
  const isBuffer = Object.prototype.toString.call(body) === "[object ArrayBuffer]";
  if (!isBuffer && !ArrayBuffer.isView(body)) throw new WebhookError(WebhookRefusal.NotRaw);
  const bytes = isBuffer
    ? new Uint8Array(body as ArrayBuffer)
    : new Uint8Array(
        (body as ArrayBufferView).buffer,
        (body as ArrayBufferView).byteOffset,
        (body as ArrayBufferView).byteLength,
      );
  if (bytes.byteLength > limit) throw new WebhookError(WebhookRefusal.TooLarge);
  return new Uint8Array(bytes);
}

async function readRequest(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (request.bodyUsed) throw new WebhookError(WebhookRefusal.Unreadable);
  if (Number(headerOf(request.headers, "content-length")) > limit) throw new WebhookError(WebhookRefusal.TooLarge);
  const bytes = await readAtMost(request.body, limit).catch((cause: unknown) => {
    throw new WebhookError(WebhookRefusal.Unreadable, cause);
  });
  if (!bytes) throw new WebhookError(WebhookRefusal.TooLarge);
  return bytes;
}

/** The known fields of a payload; nothing else of the text gets into an event. */
function parsePayload(body: Uint8Array): Omit<WebhookEvent, "userId"> {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) ?? {};
  } catch (cause) {
    throw new WebhookError(WebhookRefusal.Payload, cause);
  }
  const { request_id, gateway_request_id: gatewayRequestId, status, payload = null, error, payload_error } = parsed;
  if (typeof request_id !== "string" || (status !== "OK" && status !== "ERROR"))
    throw new WebhookError(WebhookRefusal.Payload);
  const all = { request_id, gatewayRequestId, status, payload, error, payload_error };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as WebhookEvent;
}
