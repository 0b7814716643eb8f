/** fal on this machine, as `FAL_BASE_URL` and the variables of fal's Python client name it, and on no other. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createPlatformClient } from "fal-wasm/platform";
import { createFalProxy } from "fal-wasm/proxy";
import { verifyWebhook } from "fal-wasm/webhook";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, ADMIN_KEY, KEY } from "../lib/keys.mjs";
import { socketsOf } from "../lib/socket.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const { host } = new URL(emulator.url);
const BASE = { FAL_BASE_URL: emulator.url };
const HOSTS = { FAL_RUN_HOST: `${host}/fal.run`, FAL_QUEUE_RUN_HOST: `${host}/queue.fal.run` };

for (const [name, places] of Object.entries({ FAL_BASE_URL: BASE, "FAL_RUN_HOST and FAL_QUEUE_RUN_HOST": HOSTS })) {
  test(`${name}: a run, a queued request, a stream and a realtime connection go to this machine, with the key`, async () => {
    const WebSocket = socketsOf("http://127.0.0.1:1");
    const fal = createFalClient({ env: { FAL_KEY: KEY, ...places }, WebSocket });
    assert.deepEqual((await fal.run("emulator/echo", { input: { a: 1 } })).data.input, { a: 1 });
    assert.deepEqual((await fal.subscribe("emulator/echo", { input: { a: 2 } })).data.input, { a: 2 });
    assert.ok(await (await fal.stream("fal-ai/any-llm", { input: { prompt: "the sea" } })).done());
    /** @type {any[]} */
    const results = [];
    const connection = fal.realtime.connect("emulator/echo", { onResult: (result) => results.push(result) });
    connection.send({ n: 1 });
    await until(() => results.length === 1);
    connection.close();
    assert.deepEqual(results, [{ n: 1 }]);
  });
}

test("fal's hosts are on this machine by their other names, too", async () => {
  for (const places of [BASE, HOSTS]) {
    /** @type {string[]} */
    const urls = [];
    const fetch = async (/** @type {any} */ url) => {
      urls.push(String(url));
      throw Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } });
    };
    const retry = { maxRetries: 1, baseDelay: 1 };
    const fal = createFalClient({ env: { FAL_KEY: KEY, ...places }, backupHosts: true, retry, fetch });
    assert.equal((await failureOf(fal.run("emulator/echo", { input: {} }))).code, "unreachable");
    assert.equal((await failureOf(fal.queue.submit("emulator/echo", { input: {} }))).code, "unreachable");
    assert.ok(urls.length > 2 && urls.every((url) => url.startsWith(`${emulator.url}/`)), urls.join(" "));
  }
});

test("FAL_BASE_URL is all of fal: files, HTTP over WebSockets, tokens of a proxy, and the Platform APIs", async () => {
  const WebSocket = socketsOf("http://127.0.0.1:1");
  const fal = createFalClient({ env: { FAL_KEY: KEY, ...BASE }, WebSocket });
  const url = await fal.storage.upload(new Blob(["a file"], { type: "text/plain" }));
  assert.equal(await (await fetch(url)).text(), "a file");
  const connection = fal.ws.connect("emulator/echo");
  assert.deepEqual((await connection.request({ a: 1 })).data.input, { a: 1 });
  connection.close();

  const allowedEndpoints = ["emulator/echo/realtime"];
  const proxy = createFalProxy({ authenticate: () => ({ id: "a" }), allowedEndpoints, realtimeTokens: true });
  const headers = { "x-fal-target-url": "https://rest.fal.ai/tokens/realtime", "content-type": "application/json" };
  const body = '{"allowed_apps":["emulator/echo/realtime"]}';
  const request = new Request("https://app.test/api/fal/proxy", { method: "POST", headers, body });
  const issued = await proxy(request, { FAL_KEY: KEY, ...BASE });
  assert.equal(issued.status, 200, await issued.clone().text());

  const platform = createPlatformClient({ env: { FAL_KEY: ADMIN_KEY, ...BASE } });
  const names = [];
  for await (const { endpoint_id: id } of platform.models.list({ q: "flux" })) names.push(id);
  assert.ok(names.includes("fal-ai/flux/dev"));
  const { requests } = await emulator.seen();
  assert.ok(requests.length > 5 && requests.every((/** @type {any} */ { authorized }) => authorized !== false));
});

test("a proxy goes there, too", async () => {
  const proxy = createFalProxy({ authenticate: () => ({ id: "a" }), allowedEndpoints: ["emulator/*"] });
  const headers = { "x-fal-target-url": "https://fal.run/emulator/echo", "content-type": "application/json" };
  const request = () => new Request("https://app.test/api/fal/proxy", { method: "POST", headers, body: '{"a":3}' });
  const response = await proxy(request(), { FAL_KEY: KEY, ...HOSTS });
  assert.deepEqual((await response.json()).input, { a: 3 });
  assert.equal((await proxy(request(), { FAL_KEY: KEY, ...HOSTS, FAL_RUN_HOST: "evil.example" })).status, 500);
});

test("another machine is refused by the name of the variable, and nothing is sent; so is one without the other", async () => {
  const fetch = async () => assert.fail("it was sent");
  for (const [name, value] of [
    ...["evil.example", "10.0.0.1:80", "localhost.evil.example", "localhost@evil.example", "127.0.0.1.evil.example"],
    ...[
      "http://localhost",
      "localhost:8787/../x?",
      "localhost:8787#",
      "127.0.0.1:8787/a b",
      "0x7f000001",
      "2130706433",
    ],
  ].flatMap((value) => Object.keys(HOSTS).map((name) => [name, value]))) {
    const fal = createFalClient({ env: { FAL_KEY: KEY, ...HOSTS, [name]: value }, fetch });
    for (const call of [
      () => fal.run("a/b", { input: {} }),
      () => fal.queue.submit("a/b", { input: {} }),
      () => fal.stream("a/b"),
    ]) {
      const error = await failureOf(call());
      assert.equal(error.code, "invalid_option", value);
      assert.match(error.message, new RegExp(`^The option \`${name}\` has a value it cannot have`), value);
    }
  }
  const alone = createFalClient({ env: { FAL_KEY: KEY, FAL_RUN_HOST: host }, fetch });
  assert.match((await failureOf(alone.run("a/b"))).message, /^The option `FAL_QUEUE_RUN_HOST` has to be set, too/);
});

test("FAL_BASE_URL is a URL of this machine, or nothing is sent: by a client, a proxy, a socket or the Platform APIs", async () => {
  const fetch = async () => assert.fail("it was sent");
  class WebSocket {
    constructor() {
      assert.fail("it was opened");
    }
  }
  for (const value of [
    "https://127.0.0.1:8787",
    "127.0.0.1:8787",
    "http://evil.example",
    "http://10.0.0.1",
    "http://127.0.0.1.evil.example",
    "http://localhost@evil.example",
    "http://user:secret@localhost",
    "http://localhost:8787?x",
    "http://localhost:8787#",
    "http://localhost:8787/..",
    "http://0x7f000001",
    "http://[::2]",
    "http://localhost\\@evil.example",
  ]) {
    const env = { FAL_KEY: KEY, FAL_BASE_URL: value };
    const fal = createFalClient({ env, fetch, WebSocket: /** @type {any} */ (WebSocket) });
    const platform = createPlatformClient({ env, fetch });
    const calls = {
      run: () => fal.run("a/b", { input: {} }),
      submit: () => fal.queue.submit("a/b", { input: {} }),
      stream: () => fal.stream("a/b"),
      upload: () => fal.storage.upload(new Blob(["a"])),
      platform: () => platform.GET("/models", {}),
      realtime: async () => fal.realtime.connect("a/b", { onResult() {} }),
      ws: async () => fal.ws.connect("a/b").request({}),
    };
    for (const [name, call] of Object.entries(calls)) {
      const error = await failureOf(Promise.resolve().then(call));
      assert.equal(error.code, "invalid_option", `${name}: ${value}`);
      assert.match(
        error.message,
        /^The option `FAL_BASE_URL` has a value it cannot have: a URL of this machine/,
        value,
      );
    }
    const proxy = createFalProxy({ authenticate: () => ({ id: "a" }), allowedEndpoints: ["emulator/*"], fetch });
    const headers = { "x-fal-target-url": "https://fal.run/emulator/echo", "content-type": "application/json" };
    const request = new Request("https://app.test/api/fal/proxy", { method: "POST", headers, body: "{}" });
    assert.equal((await proxy(request, env)).status, 500, value);
  }
});

test("with FAL_BASE_URL a webhook is verified with the keys of that server, and without it is not", async () => {
  /** @type {(delivered: any) => void} */
  let took;
  const delivery = new Promise((resolve) => (took = resolve));
  const receiver = createServer(async (request, response) => {
    took({ headers: request.headers, body: await buffer(request) });
    response.end();
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (receiver.address());
  const fal = createFalClient({ env: { FAL_KEY: KEY, ...BASE } });
  await fal.queue.submit("emulator/echo", { input: { a: 1 }, webhookUrl: `http://127.0.0.1:${port}/hook` });
  const delivered = await delivery;
  receiver.close();
  process.env.FAL_BASE_URL = emulator.url;
  try {
    const event = await verifyWebhook(delivered);
    assert.deepEqual([event.status, event.payload.input], ["OK", { a: 1 }]);
  } finally {
    delete process.env.FAL_BASE_URL;
  }
  const elsewhere = async () => Response.json({ keys: [] });
  assert.equal((await failureOf(verifyWebhook(delivered, { fetch: elsewhere }))).code, "webhook_keys_unavailable");
});

test("fal's other hosts, and what only begins alike, are where they were", async () => {
  /** @type {string[]} */
  const sent = [];
  const fetch = async (/** @type {any} */ url) => {
    sent.push(String(url));
    return Response.json({ upload_url: "https://v3.fal.media/up", file_url: "https://v3.fal.media/file" });
  };
  const fal = createFalClient({ env: { FAL_KEY: KEY, ...HOSTS }, fetch });
  await fal.storage.upload(new Blob(["a"]));
  assert.match(sent[0], /^https:\/\/rest\.fal\.ai\//);
  assert.equal(sent[1], "https://v3.fal.media/up");
});
