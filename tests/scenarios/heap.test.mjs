/** Long days: ten thousand calls of a kind leave nothing behind, neither in JavaScript nor in the core. */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { test } from "node:test";

import { WebSocket } from "ws";

import { path } from "../../scripts/lib/run.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { KEY } from "../lib/keys.mjs";
import { openPage } from "../lib/page.mjs";

const KINDS = ["run", "stream", "subscribe"];
const BATCHES = 5;
const BATCH = 2_000;
/** What one call may leave behind, in bytes: less than any object takes. */
const PER_CALL = 24;

/**
 * Makes ten thousand calls of each kind, after as many as it takes to fill every cache.
 *
 * @param {(kind: string, count: number) => Promise<number[]>} make @param {() => Promise<number>} heap After a collection.
 */
async function assertFlat(make, heap) {
  for (const kind of KINDS) {
    const memories = await make(kind, BATCH);
    await make(kind, BATCH);
    const before = await heap();
    for (let batch = 0; batch < BATCHES; batch += 1) assert.deepEqual(await make(kind, BATCH), memories, kind);
    const perCall = ((await heap()) - before) / (BATCHES * BATCH);
    assert.ok(perCall < PER_CALL, `${perCall} bytes for each ${kind}`);
  }
}

test("in workerd", async (t) => {
  // There is a collection on order nowhere else than in the worker itself.
  process.env.MINIFLARE_WORKERD_V8_FLAGS = "--expose-gc";
  const entry = path("tests/scenarios/heap-worker.js");
  const worker = await startWorker(entry, {
    emulator: "http://127.0.0.1:9",
    bindings: { FAL_KEY: KEY },
    inspect: true,
  });
  t.after(() => worker.stop());
  const inspector = new WebSocket(new URL("/core:user:", await worker.inspector()));
  await new Promise((resolve) => inspector.once("open", resolve));
  t.after(() => inspector.close());
  const heap = async () => {
    // What workerd itself holds goes a collection or two later.
    for (let round = 0; round < 3; round += 1) await worker.fetch("/gc");
    const answer = new Promise((resolve) => inspector.once("message", (data) => resolve(JSON.parse(String(data)))));
    inspector.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
    return (await answer).result.usedSize;
  };
  await assertFlat(async (kind, count) => (await worker.fetch(`/${kind}/${count}`)).json(), heap);
});

test("in a page", async (t) => {
  const site = path("target/heap-site");
  rmSync(site, { recursive: true, force: true });
  mkdirSync(site, { recursive: true });
  cpSync(path("dist/browser"), `${site}/fal-wasm`, { recursive: true });
  cpSync(path("tests/chromium/site/index.html"), `${site}/index.html`);
  for (const module of ["many.js", "memories.js"]) cpSync(path("tests/scenarios", module), `${site}/${module}`);
  const setup = { emulator: "http://127.0.0.1:9", assets: site };
  const { page } = await openPage(t, path("tests/scenarios/worker.js"), setup);
  const inspector = await page.context().newCDPSession(page);
  const heap = async () => {
    await inspector.send("HeapProfiler.collectGarbage");
    return (await inspector.send("Runtime.getHeapUsage")).usedSize;
  };
  await assertFlat((kind, count) => page.evaluate(makeInPage, /** @type {const} */ ([kind, count])), heap);
});

/** Runs in the page. @param {readonly [kind: string, count: number]} given @returns {Promise<number[]>} */
async function makeInPage([kind, count]) {
  const app = /** @type {any} */ (globalThis);
  const leaving = (app.leaving ??= new AbortController());
  const { many } = await import(/** @type {any} */ ("/many.js"));
  const { createFalClient } = await import(/** @type {any} */ ("/fal-wasm/index.js"));
  return many(createFalClient, { proxyUrl: "/api/fal/proxy" }, kind, count, leaving);
}
