/** fal's hosts on this machine, as the variables of fal's Python client name them, and on no other. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { socketsOf } from "../lib/socket.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const { host } = new URL(emulator.url);
const HOSTS = { FAL_RUN_HOST: `${host}/fal.run`, FAL_QUEUE_RUN_HOST: `${host}/queue.fal.run` };

test("a run, a queued request, a stream and a realtime connection go to this machine, with the key", async () => {
  const WebSocket = socketsOf("http://127.0.0.1:1");
  const fal = createFalClient({ env: { FAL_KEY: KEY, ...HOSTS }, WebSocket });
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
