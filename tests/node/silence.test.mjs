/** Whatever is exported, and whatever it makes: it holds the key where nobody sees it. However it is printed, it is not there. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";

import * as client from "fal-wasm";
import * as limits from "fal-wasm/limits";
import * as platform from "fal-wasm/platform";
import * as proxy from "fal-wasm/proxy";
import * as node from "fal-wasm/proxy/node";
import * as webhook from "fal-wasm/webhook";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { door, listening } from "../lib/doors.mjs";
import { assertSilent, failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { callTo } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());
const { fetch } = emulator;
/** The key in every place that takes one. */
const given = { credentials: KEY, env: { FAL_KEY: KEY, FAL_KEY_NEXT: KEY, FAL_PROXY_SECRET: KEY }, secret: KEY, fetch };
const { secret: _, ...config } = given;
const policy = { ...given, authenticate: () => ({ id: "ann" }), allowedEndpoints: ["emulator/*"] };

/** A client, its parts, and what comes of its use. @param {any} fal */
async function usedClient(fal) {
  const { request_id: requestId } = await fal.queue.submit("emulator/echo", { input: {} });
  const handle = fal.queue.handle("emulator/echo", requestId);
  const stream = await fal.stream("fal-ai/any-llm", { input: { prompt: "Hi" } });
  const connection = fal.realtime.connect("emulator/echo", { onResult() {} });
  connection.send({ n: 1 });
  const said = [await handle.status(), await stream.done(), await fal.run("emulator/echo", { input: {} })];
  connection.close();
  const parts = ["queue", "storage", "streaming", "stream", "realtime", "ws", "platform"].map((name) => fal[name]);
  return [fal, ...parts, handle, stream, connection, ...said];
}

/** A proxy, and what it says. @param {(request: Request) => Promise<Response>} handler */
async function usedProxy(handler) {
  const answers = [
    await handler(callTo("https://queue.fal.run/emulator/echo")),
    await handler(callTo("https://fal.run/emulator/private")),
    await handler(callTo("https://fal.run/emulator/echo", { headers: { "x-leak": KEY } })),
  ];
  const texts = answers.map(async (answer) => [...answer.headers, await answer.text()].join("\n"));
  return [handler, ...answers, ...(await Promise.all(texts))];
}

/** What a call ends with that fails. @param {Promise<any>} call */
const failed = async (call) => [await failureOf(call)];
const unfit = { ...config, env: {}, credentials: `${KEY}:no` };
const delivery = () => new Request("https://app.example/hook", { method: "POST", body: KEY });

/** What becomes of each export. @type {Record<string, () => any>} */
const MADE = {
  createFalClient: () => usedClient(client.createFalClient(config)),
  fal: () => (client.fal.config(config), usedClient(client.fal)),
  ApiError: () => failed(client.createFalClient(config).run("emulator/private", { input: {} })),
  ValidationError: () => failed(client.createFalClient(config).run("fal-ai/flux/dev", { input: {} })),
  CredentialsError: () => failed(client.createFalClient(unfit).run("emulator/echo", { input: {} })),
  FalError: () => failed(client.createFalClient(config).run(KEY, { input: {} })),
  parseEndpointId: () => failed((async () => client.parseEndpointId(KEY))()),
  encode: async () => [await client.encode(new Uint8Array([1])), await failed(client.encode(/** @type {any} */ (KEY)))],
  isQueueStatus: () => [client.isQueueStatus(/** @type {any} */ ({ status: KEY }))],
  isCompletedQueueStatus: () => [client.isCompletedQueueStatus(/** @type {any} */ ({ status: KEY }))],
  isRetryableError: () => [client.isRetryableError(KEY, [])],
  withMiddleware: () => {
    const requestMiddleware = client.withMiddleware(async (request) => request);
    return usedClient(client.createFalClient({ ...config, requestMiddleware }));
  },
  withProxy: () => [client.withProxy({ targetUrl: "https://app.example/api/fal/proxy" })],
  createFalProxy: () => usedProxy(proxy.createFalProxy(policy)),
  sealKey: async () => {
    const sealing = { principal: { id: "ann" }, secret: KEY };
    const error = await failureOf(proxy.sealKey(KEY, /** @type {any} */ ({ ...sealing, maxAge: 1 })));
    return [await proxy.sealKey(KEY, sealing), error, await failureOf(proxy.sealKey(`${KEY}:no`, sealing))];
  },
  // It gives the key to the app, and to nobody whose seal is not good.
  openKey: async () => [
    await proxy.openKey(delivery(), { principal: { id: "ann" }, secret: KEY }),
    await failureOf(proxy.openKey(delivery(), /** @type {any} */ ({ principal: KEY, secret: [KEY] }))),
  ],
  forgetKey: () => [proxy.forgetKey()],
  grant: async () => {
    const granted = { endpoint: "emulator/echo", principal: { id: "ann" }, expires: 60, secret: KEY };
    return [
      await proxy.grant(granted),
      await failureOf(proxy.grant(/** @type {any} */ ({ ...granted, expires: KEY }))),
    ];
  },
  async toNodeHandler() {
    const handler = node.toNodeHandler(proxy.createFalProxy(policy));
    const server = createServer(handler);
    try {
      return [handler, ...(await usedProxy(door(await listening(server))))];
    } finally {
      server.close();
    }
  },
  createPlatformClient: async () => {
    const made = platform.createPlatformClient(config);
    return [made, await failureOf(made.GET("/keys")), (await made.GET("/models")).data];
  },
  verifyWebhook: () => failed(webhook.verifyWebhook(delivery())),
  WebhookError: () => failed(webhook.verifyWebhook({ headers: {}, body: KEY })),
  createMemoryReplayStore: () => [webhook.createMemoryReplayStore()],
  createWebhookHandler: async () => {
    const handler = webhook.createWebhookHandler({ onEvent() {} });
    return [handler, await (await handler(delivery(), given.env)).text()];
  },
  memoryLimits: async () => {
    const store = limits.memoryLimits();
    const counted = { store, spending: { max: 5, prices: { "emulator/*": 1 } } };
    return [store, ...(await usedProxy(proxy.createFalProxy({ ...policy, limits: counted })))];
  },
  durableLimits: () => [limits.durableLimits({ idFromName() {}, get() {} })],
  FalLimits: () => [new limits.FalLimits({ storage: {} }, given.env)],
  redisLimits: () => [limits.redisLimits({ url: "https://redis.example", token: KEY })],
  stopRuns: async () => {
    const store = limits.redisLimits({ url: "http://127.0.0.1:9", token: KEY });
    return [await limits.stopRuns(limits.memoryLimits()), await failureOf(limits.stopRuns(store))];
  },
  resumeRuns: async () => {
    const store = limits.redisLimits({ url: "http://127.0.0.1:9", token: KEY });
    return [await limits.resumeRuns(limits.memoryLimits()), await failureOf(limits.resumeRuns(store))];
  },
};

const DOORS = { client, limits, platform, proxy, node, webhook };

test("every export is here", () => {
  const names = Object.values(DOORS).flatMap(Object.keys);
  assert.deepEqual([...new Set(names)].sort(), Object.keys(MADE).sort());
});

test("the search would find it", () => {
  for (const hidden of [{ KEY }, { deep: { get: () => 0, [Symbol("s")]: [KEY] } }, new Error(KEY)])
    assert.throws(() => assertSilent(hidden), /shows the key/);
});

for (const [name, make] of Object.entries(MADE)) {
  test(name, async () => {
    for (const thing of await make()) assertSilent(thing, name);
  });
}

test("the doors themselves", () => {
  for (const [name, exported] of Object.entries(DOORS)) assertSilent({ ...exported }, name);
});
