/** The published `@fal-ai/client` against the emulator's realtime apps, in Chromium: it judges the emulator, not itself. */

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { build } from "esbuild";

import { openBrowser } from "../../scripts/lib/browser.mjs";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { redirectSockets } from "../lib/sockets.js";

const emulator = await startEmulator({ keys: ACCOUNTS });
const browser = await openBrowser();
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  const entry = path("tests/clients/realtime-page.js");
  const bundle = { entryPoints: [entry], bundle: true, write: false, globalName: "judge" };
  const { outputFiles } = await build({ ...bundle, format: "iife", write: false });
  await browser.context.addInitScript(redirectSockets, emulator.url);
  page = await browser.context.newPage();
  await page.goto(`${emulator.url}/fal.run/emulator/public`);
  await page.addScriptTag({ content: outputFiles[0].text });
});
beforeEach(() => emulator.control({ reset: true }));
after(async () => {
  await browser.close();
  emulator.stop();
});

/** Plays a scenario in the page. @param {string} name @returns {Promise<any>} */
const play = (name) =>
  page.evaluate(
    ([name, emulator, key]) => /** @type {any} */ (globalThis).judge.scenarios[name]({ emulator, key }),
    [name, emulator.url, KEY],
  );

test("a picture in MessagePack, with the client's own token", async () => {
  assert.deepEqual(await play("picture"), { id: "r1", seed: 42, size: [64, 48] });
  const { requests, sockets } = await emulator.seen();
  const paths = requests.map((/** @type {any} */ { path }) => path).filter((/** @type {string} */ p) => p !== "/");
  assert.deepEqual(paths.slice(-2), ["/tokens/", "/fal-ai/fast-lcm-diffusion/realtime"]);
  assert.equal(sockets.length, 1);
});

test("a text in JSON, with a token of the app's own", async () => {
  const { asked, output, partial } = await play("json");
  assert.deepEqual([asked, partial], [["fal-ai/any-llm/realtime"], false]);
  assert.match(output, /Why is the sky blue\?/);
});

test("what is said comes back as it was", async () => {
  const expected = { int: 2 ** 40, float: 0.5, text: "ü🦊", list: [null, true], bytes: [0, 255] };
  assert.deepEqual(await play("echo"), expected);
});

test("the oldest inputs give way to the newest", async () => {
  await emulator.control({ clock: "manual", realtime: { run_ms: 150 } });
  const heard = play("buffered");
  const inputs = async () => (await emulator.seen()).sockets[0]?.frames_in;
  // The first alone; then five, of which one is computed while two wait.
  for (const [count, answers] of [
    [1, 1],
    [6, 3],
  ]) {
    await until(async () => (await inputs()) === count);
    for (let answer = 0; answer < answers; answer += 1) await emulator.control({ advance_ms: 150 });
  }
  assert.deepEqual(await heard, [1, 4, 5]);
});

test("a bad token is heard, and a good one gets through", async () => {
  assert.deepEqual(await play("unauthorized"), { refused: 1008, tries: 2, answer: 2 });
});

test("an idle session ends in good order", async () => {
  await emulator.control({ realtime: { timings: true } });
  assert.deepEqual(await play("idle"), { answers: [1, 2], heard: [] });
});

test("an input that an app cannot use is an error with the reason", async () => {
  assert.match(await play("wrong"), /^INTERNAL_ERROR: .*Field required/);
});
