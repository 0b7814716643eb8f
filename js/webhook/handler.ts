/** A handler for webhooks: verifies, hands over once, and answers in time. */

import { callCore } from "../core/call-core.ts";
import { callback, millis, invalidOption } from "../client/options.ts";
import { REMEMBERED_SECONDS, createMemoryReplayStore } from "./replay-store.ts";
import { BUSY, LATE, METHOD, NOT_HANDLED, WebhookError } from "./errors.ts";
import { authenticate, checkOptions } from "./verify.ts";
import type { WebhookHandlerOptions } from "./types.ts";

/** fal waits 15 seconds for the answer to its first try. */
const LONGEST_ANSWER = 15_000;
const ANSWER_WITHIN = 12_000;

/** For how long nobody else takes up a webhook: if its worker was cut off, the one after that may. */
const LEASE_SECONDS = 120;

/**
 * Makes a handler for the `webhookUrl`: with the signature of a Worker's `fetch`, it always answers. Throws at once when
 * its options are invalid.
 */
export function createWebhookHandler<Payload = any>(
  options: WebhookHandlerOptions<Payload>,
): (request: Request, env?: any, context?: any) => Promise<Response> {
  const within = callCore(() => {
    checkOptions(options ?? {}, ["seen", "forget"]);
    if (typeof options?.onEvent !== "function") invalidOption("onEvent");
    callback(options, "onError");
    const ms = millis(options, "answerWithin") || ANSWER_WITHIN;
    return ms < LONGEST_ANSWER ? ms : invalidOption("answerWithin");
  });
  const { onEvent, onError, replayStore = createMemoryReplayStore(), ...rest } = options;

  /** Tells the app. What its hook makes of that changes nothing here. @param {unknown} error @param {Request} request */
  const report = async (error, request) => {
    try {
      await onError?.(error, request);
    } catch {
      // The answer is the same.
    }
  };

  /** @param {Request} request @param {any} env @param {any} context */
  const receive = async (request, env, context) => {
    try {
      if (request.method !== "POST") throw new WebhookError(METHOD);
      const { name, event } = await authenticate(request, rest);
      await handOver(replayStore, name, async () => onEvent(event, env, context));
      return new Response(null, { status: 200, headers: { "cache-control": "no-store" } });
    } catch (error) {
      await report(error, request);
      return answer(error);
    }
  };

  return async (request, env, context) => {
    const work = receive(request, env, context);
    try {
      context?.waitUntil?.(work);
    } catch {
      // Then an app that takes longer than fal waits for may be cut off, and is called again.
    }
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(() => resolve(undefined), within)));
    const response = await Promise.race([work, late]);
    clearTimeout(timer);
    if (response) return response;
    const error = new WebhookError(LATE);
    await report(error, request);
    return answer(error);
  };
}

/**
 * Hands a webhook over, unless that was done before.
 *
 * Only while `onEvent` runs is the lease held, and only when it is done is the webhook marked: one that comes again in the
 * meantime is put off, and neither a failure nor a worker that is cut off loses it.
 *
 * @param {import("./types.ts").ReplayStore} store
 * @param {string} name
 * @param {() => Promise<unknown>} work
 */
async function handOver(store, name, work) {
  const lease = `${name} lease`;
  if (await store.seen(lease, LEASE_SECONDS)) throw new WebhookError(BUSY);
  try {
    if (await store.seen(name, REMEMBERED_SECONDS)) return;
    // Whoever holds the lease may ask like this: nobody else looks at the mark.
    await store.forget(name);
    await work().catch((cause) => {
      throw new WebhookError(NOT_HANDLED, cause);
    });
    await store.seen(name, REMEMBERED_SECONDS);
  } finally {
    await store.forget(lease);
  }
}

/** What the sender is told: which rule it was, and nothing of what it sent. @param {unknown} error */
function answer(error) {
  const { status, code, message } = error instanceof WebhookError ? error : new WebhookError(NOT_HANDLED);
  const headers = new Headers({
    "cache-control": "no-store",
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
  });
  if (status === 405) headers.set("allow", "POST");
  if (status === 503) headers.set("retry-after", "30");
  return new Response(JSON.stringify({ error: { code, message } }), { status, headers });
}
