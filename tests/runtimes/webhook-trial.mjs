/** What webhooks have to bear, in whatever runtime this is called. */

import * as core from "../../target/modules/edge/core.js";
import * as keys from "../../target/modules/edge/webhook/keys.js";
import { WebhookError, createWebhookHandler, verifyWebhook } from "../../dist/edge/webhook.js";
import { makeKey, posted, publish, seconds, signed, tryMutants, tryVectors } from "../lib/webhooks.mjs";

/** @param {any[]} groups The vectors of Wycheproof. */
export async function trial(groups) {
  const key = await makeKey();
  const { fetch, asked } = publish(key);
  const one = await signed(key);
  const late = await signed(key, { time: seconds() - 400 });
  let events = 0;
  const handler = createWebhookHandler({ fetch, onEvent: () => void (events += 1) });
  const answers = [];
  for (const webhook of [one, one, late, await signed(await makeKey())]) {
    answers.push((await handler(posted(webhook))).status);
  }
  const parts = await verifyWebhook(await signed(key), { fetch });
  const parsed = await verifyWebhook(/** @type {any} */ ({ ...one, body: {} }), { fetch }).catch(({ code }) => code);
  return {
    ...{ answers, events, status: parts.status, parsed, asked: asked.length },
    vectors: await tryVectors({ ...core, ...keys }, groups),
    mutants: await tryMutants({ verifyWebhook, WebhookError }, 1_000),
  };
}
