/** A worker that takes webhooks, and verifies some by itself. */

import { WebhookError, createWebhookHandler, verifyWebhook } from "fal-wasm/webhook";

import * as core from "../../target/modules/edge/core.js";
import * as keys from "../../target/modules/edge/webhook/keys.js";
import { tryMutants, tryVectors } from "../lib/webhooks.mjs";

/** @type {any[]} */
const events = [];
/** @type {string[]} */
const errors = [];

const hook = createWebhookHandler({
  onEvent(event, env) {
    events.push(event);
    if (events.length === Number(env.FAILS_AT)) throw new Error("database down");
  },
  onError: (/** @type {any} */ error) => void errors.push(error.code),
});

/** Who wants to know that fal is being asked for its keys; that question is never answered. @type {(() => void) | undefined} */
let asking;
/** @param {any} url @param {any} init */
const asks = (url, init) => {
  if (!asking) return fetch(url, init);
  asking();
  asking = undefined;
  return new Promise(() => {});
};

/** @type {Record<string, (request: Request) => Promise<any>>} */
const scenarios = {
  seen: async () => ({ events, errors }),
  vectors: async (request) => tryVectors({ ...core, ...keys }, await request.json()),
  mutants: () => tryMutants({ verifyWebhook, WebhookError }, 1_000),
  verify: async (request) => (await verifyWebhook(request, { fetch: asks })).status,
  /** Answers while fal is being asked: what is not done then is cut off. */
  async leave(request) {
    const asked = new Promise((resolve) => (asking = () => resolve("left")));
    verifyWebhook(request, { fetch: asks }).catch(() => {});
    return asked;
  },
};

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  async fetch(request, env, context) {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "hook") return hook(request, env, context);
    try {
      return Response.json(await scenarios[name](request));
    } catch (error) {
      const { code, stack } = /** @type {any} */ (error);
      return new Response(code ?? stack, { status: 500 });
    }
  },
};
