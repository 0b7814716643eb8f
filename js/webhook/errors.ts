/** Why a webhook was refused, as the app reads it. Nothing of the webhook is repeated: anybody may have sent it. */

import { webhookStatus } from "#core";
import { WebhookRefusal } from "../core/wire.ts";
import { FalError } from "../errors/errors.ts";

/** Code and sentence of each refusal. */
const REFUSALS = {
  [WebhookRefusal.Method]: ["method_not_allowed", "A webhook is a POST."],
  [WebhookRefusal.HeaderMissing]: [
    "webhook_header_missing",
    "At least one of the headers X-Fal-Webhook-Request-Id, -User-Id, -Timestamp and -Signature is missing. Pass all " +
      "headers of the request on to verifyWebhook; if they are there, this is no webhook of fal's.",
  ],
  [WebhookRefusal.HeaderInvalid]: [
    "webhook_header_invalid",
    "One of the X-Fal-Webhook headers is there twice, or is not what fal sends. This is no webhook of fal's.",
  ],
  [WebhookRefusal.TooOld]: [
    "webhook_too_old",
    "The webhook was signed more than 5 minutes ago. It may be a recording; fal signs anew for every delivery. If all " +
      "are too old, the clock of this machine is fast.",
  ],
  [WebhookRefusal.TooNew]: [
    "webhook_too_new",
    "The webhook was signed more than 5 minutes in the future. If all are too new, the clock of this machine is slow.",
  ],
  [WebhookRefusal.Signature]: [
    "webhook_signature_invalid",
    "No key of fal's made this signature of this body. If it did come from fal, the body has been changed on its way: " +
      "verify the bytes as they arrived, before anything parses or decodes them.",
  ],
  [WebhookRefusal.KeysUnavailable]: [
    "webhook_keys_unavailable",
    "fal's public keys could not be fetched, so the webhook could not be verified. Answer with 503: fal delivers again.",
  ],
  [WebhookRefusal.TooLarge]: [
    "webhook_too_large",
    "The body is larger than `maxBodyBytes` allows. Raise it if your results are that large.",
  ],
  [WebhookRefusal.Unreadable]: [
    "webhook_unreadable",
    "The body could not be read: the connection broke, or something has read it before. Verify it first.",
  ],
  [WebhookRefusal.NotRaw]: [
    "webhook_body_not_raw",
    "The body has to be the bytes as they arrived: a Request, an ArrayBuffer, a Uint8Array or a Buffer. A parsed object " +
      "or a text cannot be verified, because parsing and decoding change bytes. In Express use express.raw({ type: '*/*' }).",
  ],
  [WebhookRefusal.Payload]: [
    "webhook_payload_invalid",
    "fal signed this, but it is not JSON with a `request_id` and a `status` of OK or ERROR.",
  ],
  [WebhookRefusal.Unsupported]: [
    "webhook_unsupported",
    "This runtime has no Ed25519 in its Web Crypto (crypto.subtle), so no webhook can be verified here. Workers, Vercel " +
      "Edge, Deno, Bun and Node 20 have it.",
  ],
  [WebhookRefusal.Busy]: ["webhook_busy", "The same webhook is being handled at this moment. fal delivers again."],
  [WebhookRefusal.NotHandled]: ["webhook_not_handled", "The app could not handle the webhook. fal delivers again."],
  [WebhookRefusal.Late]: [
    "webhook_late",
    "The app has not handled the webhook in time, and goes on with it. fal delivers again.",
  ],
  [WebhookRefusal.Account]: [
    "webhook_account_unknown",
    "fal signed this for an account that is not in `accounts`: somebody else's request, or an account of yours that is " +
      "missing there.",
  ],
  [WebhookRefusal.RequestMismatch]: [
    "webhook_request_mismatch",
    "The header and the body name different requests. fal does not send that.",
  ],
  [WebhookRefusal.RequestUnknown]: [
    "webhook_request_unknown",
    "The app says that it has not submitted this request. fal delivers again, in case it is recorded late.",
  ],
} as const satisfies Record<WebhookRefusal, readonly [code: string, message: string]>;

type Code = (typeof REFUSALS)[keyof typeof REFUSALS][0];

/** A webhook was refused, or could not be handled. */
export class WebhookError extends FalError {
  declare readonly code: Code;
  /** The HTTP status to answer with. */
  readonly status: number;

  /** @param number A `WebhookRefusal`. */
  constructor(number: number, cause?: unknown) {
    const [code, message] = REFUSALS[number as WebhookRefusal] ?? REFUSALS[WebhookRefusal.NotHandled];
    const status = webhookStatus(number);
    super(code, message, { cause }, status === 503);
    this.name = "WebhookError";
    this.status = status;
  }
}
