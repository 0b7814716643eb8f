/** Webhooks: what fal posts when a request is done, verified. */

import { callCore } from "../core/call-core.ts";
import { REMEMBERED_SECONDS, createMemoryReplayStore } from "./replay-store.ts";
import { authenticate, checkOptions } from "./verify.ts";


const memory = createMemoryReplayStore();

/**
 * Verifies a webhook, and says what is in it.
 *
 * @param {import("../types/webhook.d.ts").WebhookSource} source
 * @param {import("../types/webhook.d.ts").WebhookOptions} [options]
 * @returns {Promise<any>}
 */
export async function verifyWebhook(source, options = {}) {
  callCore(() => checkOptions(options, ["seen"]));
  const { name, event } = await authenticate(source, options);
  const duplicate = await (options.replayStore ?? memory).seen(name, REMEMBERED_SECONDS);
  return { ...event, duplicate };
}
