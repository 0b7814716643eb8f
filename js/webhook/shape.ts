/** What the options of webhooks may be. */

import { type Shape, either, func, having, list, needed, object, shape, whole } from "../client/shape.ts";
import type { ReplayStore, WebhookHandlerOptions, WebhookOptions } from "./types.ts";

/** How long fal waits for the answer to its first attempt. */
const FAL_TIMEOUT_MS = 15_000;

/** What fal calls an account. A header could not hold anything else. */
const userId = shape(
  "the `userId` of an account, as events show it",
  (value) => typeof value === "string" && /^[!-+\--~]{1,256}$/.test(value),
);

/** A store with these methods. */
const options = (...methods: (keyof ReplayStore)[]): Record<keyof WebhookOptions, Shape> => ({
  replayStore: having(...methods),
  maxBodyBytes: whole(1),
  fetch: func,
  accounts: list(userId, { least: 1 }),
  submitted: either(func, having("has")),
});

/** Options of verifying. */
export const verifyShape = object<WebhookOptions>(options("seen"));

/** Options of a handler. */
export const handlerShape = object<WebhookHandlerOptions>({
  ...options("seen", "forget"),
  onEvent: needed(func),
  onError: func,
  limits: object<NonNullable<WebhookHandlerOptions["limits"]>>({
    store: needed(either(func, having("reserve", "settle"))),
    account: needed(func),
  }),
  answerWithin: shape(
    `milliseconds, above 0 and below the ${FAL_TIMEOUT_MS} that fal waits`,
    (value) => typeof value === "number" && value > 0 && value < FAL_TIMEOUT_MS,
  ),
});
