/** Realtime in a real Chromium: with tokens from the app's own proxy, and for a very long time. */

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";

import { openBrowser, watch } from "../../scripts/lib/browser.mjs";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { redirectSockets } from "../lib/sockets.js";

const site = path("target/chromium-realtime-site");
rmSync(site, { recursive: true, force: true });
cpSync(path("tests/chromium/site"), site, { recursive: true });
cpSync(path("dist/browser"), `${site}/fal-wasm`, { recursive: true });

const emulator = await startEmulator({ keys: ACCOUNTS });
const worker = await startWorker(path("tests/chromium/worker.js"), {
  assets: site,
  emulator: emulator.url,
  bindings: { FAL_KEY: KEY },
});
const browser = await openBrowser();
const seen = watch(browser.context);
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  await browser.context.addInitScript(redirectSockets, emulator.url);
  page = await browser.context.newPage();
  await page.goto(worker.url);
});
beforeEach(() => emulator.control({ reset: true }));
after(async () => {
  await browser.close();
  await worker.stop();
  emulator.stop();
});

/** Calls a function of the page's module. @param {string} name @param {any} [argument] @returns {Promise<any>} */
const inPage = (name, argument) =>
  page.evaluate(async ([name, argument]) => (await import("/realtime.js"))[name](argument), [name, argument]);

test("a picture that is drawn with every stroke arrives as bytes a page can show", async () => {
  assert.deepEqual(await inPage("draws"), [32, 32]);
});

test("messages come back as they went, with one token from the proxy", async () => {
  const { results } = await inPage("echoes");
  assert.deepEqual(
    results,
    [1, 2, 3, 4, 5].map((n) => ({ n, text: "é🍺", list: [n, null, true, n / 2] })),
  );
  const { requests, sockets } = await emulator.seen();
  assert.equal(sockets.length, 1);
  const tokens = requests.filter((/** @type {any} */ { path }) => path.startsWith("/tokens"));
  assert.deepEqual(
    tokens.map((/** @type {any} */ { path, authorized }) => [path, authorized]),
    [["/tokens/realtime", true]],
  );
});

test("JSON codecs work as in the official client", async () => {
  assert.deepEqual(await inPage("speaksJson"), { results: [{ a: 1 }] });
});

test("text and bytes do not overtake each other", async () => {
  const { results } = await inPage("keepsOrder");
  assert.deepEqual(
    results.map((/** @type {any} */ { n }) => n),
    [1, 2, 3, 4, 5, 6],
  );
});

test("an endpoint that the proxy does not open says so", async () => {
  const { error } = await inPage("closed");
  assert.deepEqual([error.code, error.status], ["endpoint_not_allowed", 403]);
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("a page with a token provider of its own needs no proxy", async () => {
  assert.deepEqual(await inPage("withoutProxy"), { results: [{ a: 1 }] });
});

test("what a browser cannot do is refused with a reason", async () => {
  assert.deepEqual(await inPage("refuses"), ["proxy_url_missing", "server_only", "credentials_in_browser"]);
});

// A browser opens one socket at a time, with rests between them; ten thousand are opened in tests/node.
test("two thousand connections leave nothing behind", { timeout: 240_000 }, async () => {
  const session = await browser.context.newCDPSession(page);
  const measure = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  await inPage("connections", 400);
  const before = await measure();
  await inPage("connections", 1_600);
  const grown = (await measure()) - before;
  assert.ok(grown < 200_000, `${grown} bytes more after 1600 connections`);
});

test("the key was nowhere in the browser", async () => {
  assert.ok(!isSeen(await seen.all(), formsOf(KEY)));
});
