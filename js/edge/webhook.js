/** Webhooks: what fal posts when a request is done, verified. */

import { enter } from "./enter.js";
import { createMemoryReplayStore } from "./replay.js";
import { authenticate, checkOptions } from "./webhook-verify.js";

export { createMemoryReplayStore } from "./replay.js";
export { WebhookError } from "./webhook-errors.js";
export { createWebhookHandler } from "./webhook-handler.js";

/** fal delivers the same webhook again for two hours at most; a day is on the safe side. */
const REMEMBERED_SECONDS = 86_400;

const memory = createMemoryReplayStore();

/**
 * Verifies a webhook, and says what is in it.
 *
 * @param {import("../types/webhook.d.ts").WebhookSource} source
 * @param {import("../types/webhook.d.ts").WebhookOptions} [options]
 * @returns {Promise<any>}
 */
export async function verifyWebhook(source, options = {}) {
  enter(() => checkOptions(options));
  const { name, event } = await authenticate(source, options);
  const duplicate = await (options.replayStore ?? memory).seen(name, REMEMBERED_SECONDS);
  return { ...event, duplicate };
}
