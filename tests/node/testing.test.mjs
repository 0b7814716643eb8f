/** `fal-wasm/testing`: fal in the memory of a test. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createTestFal } from "fal-wasm/testing";
import { createWebhookHandler } from "fal-wasm/webhook";

import { emulatorPackage } from "../../scripts/lib/emulator-package.mjs";
import { failureOf, until } from "../lib/expect.mjs";

await emulatorPackage();

test("a queued request with a minute of work takes no time, and every state of it is seen", async () => {
  const test = await createTestFal({ settings: { queue: { ahead: 3, step_ms: 60_000, run_ms: 60_000 } } });
  for (const mode of /** @type {const} */ (["streaming", "polling"])) {
    const began = performance.now();
    /** @type {Set<string>} */
    const states = new Set();
    const { data } = await test.fal.subscribe("fal-ai/flux/dev", {
      input: { prompt: "a cat" },
      mode,
      pollInterval: 1,
      onQueueUpdate: ({ status }) => states.add(status),
    });
    assert.match(data.images[0].url, /^https:\/\/v3\.fal\.media\/files\//);
    assert.deepEqual([...states], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
    assert.ok(performance.now() - began < 5_000);
  }
  const [submitted] = test.requests();
  assert.deepEqual(
    [submitted?.method, submitted?.host, submitted?.path, submitted?.authorized],
    ["POST", "queue.fal.run", "/fal-ai/flux/dev", true],
  );
  test.close();
});

test("a picture is there, the same in every run; files, streams and realtime work", async () => {
  const test = await createTestFal();
  const picture = async (/** @type {typeof test} */ { fal, fetch }) => {
    const input = { prompt: "a cat", image_size: { width: 64, height: 64 }, output_format: "png" };
    const { url } = (await fal.run("fal-ai/flux/dev", { input })).data.images[0];
    return Buffer.from(await (await fetch(url)).arrayBuffer());
  };
  const first = await picture(test);
  assert.equal(first.subarray(1, 4).toString(), "PNG");
  assert.ok(first.equals(await picture(await createTestFal())));
  const url = await test.fal.storage.upload(new Blob(["a file"], { type: "text/plain" }));
  assert.equal(await (await test.fetch(url)).text(), "a file");
  const stream = await test.fal.stream("fal-ai/any-llm", { input: { prompt: "the sea" } });
  let items = 0;
  for await (const _ of stream) items += 1;
  assert.ok(items > 2);
  /** @type {any[]} */
  const results = [];
  const connection = test.fal.realtime.connect("emulator/echo", { onResult: (result) => results.push(result) });
  connection.send({ n: 1 });
  await until(() => results.length === 1);
  connection.close();
  assert.deepEqual(results, [{ n: 1 }]);
  test.close();
});

test("what is ordered goes wrong: answers, lost connections, streams that break", async () => {
  const { fal, faults, requests, reset, close } = await createTestFal();
  faults({ match: { method: "GET" }, times: 2, then: { status: 503 } });
  const began = performance.now();
  const { request_id: requestId } = await fal.queue.submit("emulator/echo", { input: { a: 1 } });
  assert.equal((await fal.queue.status("emulator/echo", { requestId })).status, "IN_PROGRESS");
  assert.ok(performance.now() - began < 5_000, "no pause between tries");
  assert.deepEqual(
    requests().map(({ status }) => status),
    [200, 503, 503, 202],
  );
  reset();
  assert.deepEqual(requests(), []);
  faults({ then: { drop: "after" } });
  assert.equal((await failureOf(fal.run("emulator/echo"))).code, "connection_lost");
  faults({ times: null, match: { path_contains: "/stream" }, then: { truncate: 40 } });
  const stream = await fal.stream("fal-ai/any-llm", { input: { prompt: "the sea" } });
  assert.equal((await failureOf(stream.done())).code, "connection_lost");
  assert.throws(() => faults(/** @type {any} */ ({ then: {} })), /exactly one of status/);
  close();
});

test("with a manual clock nothing happens until it is moved", async () => {
  const { fal, advance, close } = await createTestFal({ time: "manual", settings: { queue: { run_ms: 1_000 } } });
  const { request_id: requestId } = await fal.queue.submit("emulator/echo", { input: {} });
  assert.equal((await fal.queue.status("emulator/echo", { requestId })).status, "IN_PROGRESS");
  advance(999);
  assert.equal((await fal.queue.status("emulator/echo", { requestId })).status, "IN_PROGRESS");
  advance(1);
  assert.equal((await fal.queue.status("emulator/echo", { requestId })).status, "COMPLETED");
  close();
});

test("a page calls through a proxy, and a rule of that proxy holds", async () => {
  const test = await createTestFal({ proxy: { allowedEndpoints: ["emulator/echo"] } });
  const page = createFalClient({ ...test.page, proxyUrl: { url: test.page.proxyUrl, when: "always" } });
  assert.deepEqual((await page.run("emulator/echo", { input: { a: 1 } })).data.input, { a: 1 });
  assert.equal((await failureOf(page.run("emulator/slow"))).code, "endpoint_not_allowed");
  test.close();
});

test("an aborted call ends, and the emulator is told", async () => {
  const { fal, close } = await createTestFal({ time: "manual" });
  const abort = new AbortController();
  const running = fal.run("emulator/slow", { input: {}, abortSignal: abort.signal });
  setImmediate(() => abort.abort());
  assert.equal((await failureOf(running)).code, "aborted");
  close();
});

test("webhooks come to a handler, which verifies them", async () => {
  /** @type {any[]} */
  const events = [];
  const handler = createWebhookHandler({
    onEvent: (event) => void events.push(event),
    // fal's public keys are where this fal is.
    fetch: (/** @type {any} */ url, /** @type {any} */ init) => test.fetch(url, init),
  });
  const test = await createTestFal({ time: "real", onWebhook: handler });
  await test.fal.queue.submit("emulator/echo", { input: { a: 1 }, webhookUrl: "https://app.test/hook" });
  await until(() => events.length === 1);
  assert.deepEqual(events[0].payload.input, { a: 1 });
  test.close();
});

test("an option that is unknown is an error, and what is sent elsewhere goes nowhere", async () => {
  assert.match((await failureOf(createTestFal(/** @type {any} */ ({ tiem: "real" })))).message, /`tiem` is not known/);
  assert.match(
    (await failureOf(createTestFal({ settings: /** @type {any} */ ({ queue: { ahed: 1 } }) }))).message,
    /ahed/,
  );
  const { fetch, close } = await createTestFal();
  assert.equal((await fetch("https://app.example/")).status, 404);
  close();
});
