/** Webhooks in the real workerd, at the dates whose behaviour differs. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { NEWEST_DATE, startWorker } from "../../scripts/lib/worker.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { wycheproof } from "../lib/wycheproof.mjs";

const DATES = ["2021-11-03", "2024-09-23", "2025-09-01", NEWEST_DATE];

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());
const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch });
const groups = wycheproof();

/** How often fal was asked for its keys. */
const questions = async () =>
  (await emulator.seen()).requests.filter((/** @type {any} */ { path }) => path === "/.well-known/jwks.json").length;

/** A worker, and a way to ask it. @param {import("node:test").TestContext} t @param {string} date @param {any} [bindings] */
async function start(t, date, bindings) {
  await emulator.control({ reset: true, queue: { run_ms: 1 } });
  const worker = await startWorker(path("tests/workerd/webhook-worker.js"), { emulator: emulator.url, bindings, date });
  t.after(() => worker.stop());
  /** @param {string} scenario @param {RequestInit} [init] */
  const answer = async (scenario, init) => {
    const response = await worker.fetch(`/${scenario}`, init);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text);
  };
  return { worker, answer };
}

for (const date of DATES) {
  test(`workerd, compatibility date ${date}`, async (t) => {
    const { worker, answer } = await start(t, date, { FAILS_AT: "3" });
    const webhookUrl = `${worker.url}/hook`;

    await t.test("webhooks arrive at once, and fal is asked for its keys once", async () => {
      const slowly = { match: { path_contains: "jwks" }, then: { delay_ms: 200 } };
      await emulator.control({ faults: [slowly], webhooks: { repeat: 1 } });
      const submits = [1, 2].map((n) => fal.queue.submit("emulator/echo", { input: { n }, webhookUrl }));
      const ids = (await Promise.all(submits)).map(({ request_id: id }) => id);
      await until(async () => (await answer("seen")).events.length === 2);
      const { events } = await answer("seen");
      assert.deepEqual(events.map(({ request_id: id }) => id).sort(), ids.sort());
      assert.deepEqual(events.map(({ payload }) => payload.input.n).sort(), [1, 2]);
      assert.equal(await questions(), 1);
    });

    await t.test("one that fails comes again, and one that comes again is not handed over again", async () => {
      await fal.queue.submit("emulator/echo", { input: { n: 3 }, webhookUrl });
      await until(async () => (await answer("seen")).errors.length === 1);
      assert.deepEqual((await answer("seen")).errors, ["webhook_not_handled"]);
      await emulator.control({ advance_ms: 10_000 });
      await until(async () => (await answer("seen")).events.length === 4);
      await emulator.control({ advance_ms: 30_000 });
      await until(async () => {
        const { deliveries } = await emulator.seen();
        return deliveries.every((/** @type {any} */ { state }) => state === "delivered");
      });
      const { events, errors } = await answer("seen");
      assert.deepEqual([events.length, errors.length], [4, 1]);
      assert.ok(!isSeen(JSON.stringify([events, await emulator.seen()]), formsOf(KEY)));
    });

    await t.test("every vector of Wycheproof", async () => {
      const posted = { method: "POST", body: JSON.stringify(groups) };
      assert.deepEqual(await answer("vectors", posted), { count: 151, wrong: [] });
    });

    await t.test("a thousand changed ones", async () => assert.deepEqual(await answer("mutants"), []));
  });
}

for (const date of [DATES[0], NEWEST_DATE]) {
  test(`a worker that is cut off while it asks for fal's keys does not keep the others waiting, ${date}`, async (t) => {
    const { worker } = await start(t, date);
    // The webhook of the emulator's, put to the worker by hand.
    /** @type {any} */
    let one;
    const { createServer } = await import("node:http");
    const server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      one = { method: "POST", headers: Object.entries(request.headers), body: Buffer.concat(chunks) };
      response.end();
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
    t.after(() => server.close());
    const webhookUrl = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`;
    await fal.queue.submit("emulator/echo", { input: {}, webhookUrl });
    await until(() => one !== undefined);
    one.headers = one.headers.filter(([/** @type {string} */ name]) => name.startsWith("x-fal"));

    assert.equal(await (await worker.fetch("/leave", one)).text(), '"left"');
    const second = await worker.fetch("/verify", one);
    assert.deepEqual([second.status, await second.text()], [200, '"OK"']);
    assert.equal(await questions(), 1);
  });
}
