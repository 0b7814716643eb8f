/** Why a webhook was refused, as the app reads it. Nothing of the webhook is repeated: anybody may have sent it. */

import { webhookStatus } from "#core";
import { FalError } from "../errors/errors.ts";

// Numbers of `Refusal` (src/webhook/refusal.rs).
export const METHOD = 0;
export const SIGNATURE = 5;
export const KEYS_UNAVAILABLE = 6;
export const TOO_LARGE = 7;
export const UNREADABLE = 8;
export const NOT_RAW = 9;
export const PAYLOAD = 10;
export const UNSUPPORTED = 11;
export const BUSY = 12;
export const NOT_HANDLED = 13;
export const LATE = 14;

/** Code and sentence of each refusal. */
const REFUSALS = {
  0: ["method_not_allowed", "A webhook is a POST."],
  1: [
    "webhook_header_missing",
    "At least one of the headers X-Fal-Webhook-Request-Id, -User-Id, -Timestamp and -Signature is missing. Pass all " +
      "headers of the request on to verifyWebhook; if they are there, this is no webhook of fal's.",
  ],
  2: [
    "webhook_header_invalid",
    "One of the X-Fal-Webhook headers is there twice, or is not what fal sends. This is no webhook of fal's.",
  ],
  3: [
    "webhook_too_old",
    "The webhook was signed more than 5 minutes ago. It may be a recording; fal signs anew for every delivery. If all " +
      "are too old, the clock of this machine is fast.",
  ],
  4: [
    "webhook_too_new",
    "The webhook was signed more than 5 minutes in the future. If all are too new, the clock of this machine is slow.",
  ],
  5: [
    "webhook_signature_invalid",
    "No key of fal's made this signature of this body. If it did come from fal, the body has been changed on its way: " +
      "verify the bytes as they arrived, before anything parses or decodes them.",
  ],
  6: [
    "webhook_keys_unavailable",
    "fal's public keys could not be fetched, so the webhook could not be verified. Answer with 503: fal delivers again.",
  ],
  7: ["webhook_too_large", "The body is larger than `maxBodyBytes` allows. Raise it if your results are that large."],
  8: [
    "webhook_unreadable",
    "The body could not be read: the connection broke, or something has read it before. Verify it first.",
  ],
  9: [
    "webhook_body_not_raw",
    "The body has to be the bytes as they arrived: a Request, an ArrayBuffer, a Uint8Array or a Buffer. A parsed object " +
      "or a text cannot be verified, because parsing and decoding change bytes. In Express use express.raw({ type: '*/*' }).",
  ],
  10: [
    "webhook_payload_invalid",
    "fal signed this, but it is not JSON with a `request_id` and a `status` of OK or ERROR.",
  ],
  11: [
    "webhook_unsupported",
    "This runtime has no Ed25519 in its Web Crypto (crypto.subtle), so no webhook can be verified here. Workers, Vercel " +
      "Edge, Deno, Bun and Node 20 have it.",
  ],
  12: ["webhook_busy", "The same webhook is being handled at this moment. fal delivers again."],
  13: ["webhook_not_handled", "The app could not handle the webhook. fal delivers again."],
  14: ["webhook_late", "The app has not handled the webhook in time, and goes on with it. fal delivers again."],
} as const;

const NOT_HANDLED_SENTENCE = REFUSALS[NOT_HANDLED];

type Code = (typeof REFUSALS)[keyof typeof REFUSALS][0];

/** A webhook was refused, or could not be handled. */
export class WebhookError extends FalError {
  declare readonly code: Code;
  /** The HTTP status to answer with. */
  readonly status: number;

  /** @param number Of `Refusal` (src/webhook/refusal.rs). */
  constructor(number: number, cause?: unknown) {
    const [code, message] = REFUSALS[number as keyof typeof REFUSALS] ?? NOT_HANDLED_SENTENCE;
    const status = webhookStatus(number);
    super(code, message, { cause }, status === 503);
    this.name = "WebhookError";
    this.status = status;
  }
}
