/** A handler for webhooks: verifies, hands over once, and answers in time. */

import { checkOptions } from "../client/shape.ts";
import { callCore } from "../core/call-core.ts";
import { WebhookRefusal } from "../core/wire.ts";
import { withTimeout } from "../io/timeout.ts";
import { WebhookError } from "./errors.ts";
import { handOver } from "./hand-over.ts";
import { createMemoryReplayStore } from "./replay-store.ts";
import type { WebhookHandlerOptions } from "./types.ts";
import { releasePlace } from "./settle.ts";
import { handlerShape } from "./shape.ts";
import { authenticate } from "./verify.ts";

const ANSWER_WITHIN_MS = 12_000;

/**
 * Makes a handler for the `webhookUrl`: with the signature of a Worker's `fetch`, it always answers. Throws at once what is
 * wrong with its options.
 */
export function createWebhookHandler<Payload = any>(
  options: WebhookHandlerOptions<Payload>,
): (request: Request, env?: any, context?: any) => Promise<Response> {
  callCore(() => checkOptions(handlerShape, options));
  const {
    onEvent,
    onError,
    limits,
    answerWithin = ANSWER_WITHIN_MS,
    replayStore = createMemoryReplayStore(),
    ...rest
  } = options;

  /** Tells the app of an error. A failure of its hook changes nothing. */
  const report = async (error: unknown, request: Request): Promise<void> => {
    try {
      await onError?.(error, request);
    } catch {
      // The answer is the same.
    }
  };

  const receive = async (request: Request, env: unknown, context: unknown): Promise<Response> => {
    try {
      if (request.method !== "POST") throw new WebhookError(WebhookRefusal.Method);
      const { name, event } = await authenticate<Payload>(request, rest);
      const work = async () => {
        if (limits) await releasePlace(limits, event, request, env).catch((error: unknown) => report(error, request));
        return onEvent(event, env, context);
      };
      await handOver(replayStore, name, work, (error) => report(error, request));
      return new Response(null, { status: 200, headers: { "cache-control": "no-store" } });
    } catch (error) {
      await report(error, request);
      return refusalOf(error);
    }
  };

  return async (request, env, context) => {
    const work = receive(request, env, context);
    try {
      context?.waitUntil?.(work);
    } catch {
      // Then an app that takes longer than fal waits may be cut off, and is called again.
    }
    const response = await withTimeout(work, answerWithin, () => undefined);
    if (response) return response;
    const error = new WebhookError(WebhookRefusal.Late);
    await report(error, request);
    return refusalOf(error);
  };
}

/** What the sender is told: which rule it was, and nothing of what it sent. */
function refusalOf(error: unknown): Response {
  const { status, code, message } = error instanceof WebhookError ? error : new WebhookError(WebhookRefusal.NotHandled);
  const headers = new Headers({
    "cache-control": "no-store",
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
  });
  if (status === 405) headers.set("allow", "POST");
  if (status === 503) headers.set("retry-after", "30");
  return new Response(JSON.stringify({ error: { code, message } }), { status, headers });
}
