/** Where the result of a submit is posted to: what the app says, and nobody else. */

import { askApp } from "./ask-app.ts";
import type { ProxyCall } from "./call.ts";
import { APP_FAILED } from "./refusals.ts";

/** Whether a value is a URL that fal can post to. */
export const isWebhookUrl = (value: unknown): value is string =>
  typeof value === "string" && /^https?:\/\/./.test(value) && URL.canParse(value);

/** The webhook of this call; undefined when there is none. */
export async function webhookFor(call: ProxyCall): Promise<string | undefined> {
  const { webhookUrl } = call.proxy.options;
  if (typeof webhookUrl !== "function") return webhookUrl;
  return askApp(call, "webhookUrl", APP_FAILED, async () => {
    const url = (await webhookUrl(call.principal, call.request)) ?? undefined;
    if (url !== undefined && !isWebhookUrl(url)) {
      throw new TypeError(
        "`webhookUrl` must return a URL that begins with https:// or http://, or undefined for none.",
      );
    }
    return url;
  });
}
