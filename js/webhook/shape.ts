/** What the options of webhooks may be. */

import { type Shape, func, having, needed, object, shape, whole } from "../client/shape.ts";
import type { ReplayStore, WebhookHandlerOptions, WebhookOptions } from "./types.ts";

/** How long fal waits for the answer to its first attempt. */
const FAL_TIMEOUT_MS = 15_000;

/** A store with these methods. */
const options = (...methods: (keyof ReplayStore)[]): Record<keyof WebhookOptions, Shape> => ({
  replayStore: having(...methods),
  maxBodyBytes: whole(1),
  fetch: func,
});

/** Options of verifying. */
export const verifyShape = object<WebhookOptions>(options("seen"));

/** Options of a handler. */
export const handlerShape = object<WebhookHandlerOptions>({
  ...options("seen", "forget"),
  onEvent: needed(func),
  onError: func,
  answerWithin: shape(
    `milliseconds, above 0 and below the ${FAL_TIMEOUT_MS} that fal waits`,
    (value) => typeof value === "number" && value > 0 && value < FAL_TIMEOUT_MS,
  ),
});
