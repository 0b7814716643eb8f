/** Webhooks: what fal posts when a request is done, verified. */

import { enter } from "./enter.js";
import { REMEMBERED_SECONDS, createMemoryReplayStore } from "./replay.js";
import { authenticate, checkOptions } from "./webhook-verify.js";

export { createMemoryReplayStore } from "./replay.js";
export { WebhookError } from "./webhook-errors.js";
export { createWebhookHandler } from "./webhook-handler.js";

const memory = createMemoryReplayStore();

/**
 * Verifies a webhook, and says what is in it.
 *
 * @param {import("../types/webhook.d.ts").WebhookSource} source
 * @param {import("../types/webhook.d.ts").WebhookOptions} [options]
 * @returns {Promise<any>}
 */
export async function verifyWebhook(source, options = {}) {
  enter(() => checkOptions(options, ["seen"]));
  const { name, event } = await authenticate(source, options);
  const duplicate = await (options.replayStore ?? memory).seen(name, REMEMBERED_SECONDS);
  return { ...event, duplicate };
}
