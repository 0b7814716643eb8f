/** `fal-wasm/webhook`. */

export { WebhookError } from "../../webhook/errors.ts";
export { createWebhookHandler } from "../../webhook/handler.ts";
export { createMemoryReplayStore } from "../../webhook/replay-store.ts";
export type * from "../../webhook/types.ts";
export { verifyWebhook } from "../../webhook/webhook.ts";
export type * from "../../webhook/types.ts";
