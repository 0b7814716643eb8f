/** Webhooks: what fal posts when a request is done, verified. */

import { checkOptions } from "../client/shape.ts";
import { callCore } from "../core/call-core.ts";
import { rememberedSeconds } from "./hand-over.ts";
import { createMemoryReplayStore } from "./replay-store.ts";
import type { ReplayStore, WebhookEvent, WebhookOptions, WebhookSource } from "./types.ts";
import { verifyShape } from "./shape.ts";
import { authenticate } from "./verify.ts";

const memory = createMemoryReplayStore();

/**
 * Verifies a webhook, and says what is in it. Rejects with a `WebhookError` unless it is certain that fal sent these bytes
 * within the last five minutes.
 *
 * fal's public keys are fetched when they are first needed, and kept in the isolate: an hour, and up to a day while fal cannot
 * be reached.
 */
export async function verifyWebhook<Payload = any>(
  source: WebhookSource,
  options: Omit<WebhookOptions, "replayStore"> & { replayStore?: Pick<ReplayStore, "seen"> } = {},
): Promise<WebhookEvent<Payload> & { /** Whether the store has seen it before. */ duplicate: boolean }> {
  const { replayStore, maxBodyBytes, fetch, accounts, submitted } = options;
  // Other names are nothing: none could turn a check off.
  callCore(() => checkOptions(verifyShape, { replayStore, maxBodyBytes, fetch, accounts, submitted }));
  const { name, event } = await authenticate<Payload>(source, options);
  const duplicate = await (replayStore ?? memory).seen(name, rememberedSeconds());
  return { ...event, duplicate };
}
