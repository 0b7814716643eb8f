/** In a real browser: the published `@fal-ai/client` behind our proxy, and our client behind the published proxy. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { build } from "esbuild";
import { createFalProxy } from "fal-wasm/proxy";
import { toNodeHandler } from "fal-wasm/proxy/node";

import { openBrowser } from "../../scripts/lib/browser.mjs";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { listening } from "../lib/doors.mjs";
import { serve } from "../lib/examples.mjs";
import { MIB, storedOf } from "../lib/files.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { redirectSockets } from "../lib/sockets.js";

const emulator = await startEmulator({ keys: ACCOUNTS });
const browser = await openBrowser();
await browser.context.addInitScript(redirectSockets, emulator.url);
await emulator.control({ queue: { step_ms: 50, run_ms: 100 } });
after(async () => {
  await browser.close();
  emulator.stop();
});

/** Opens a page of a client at a server; returns a way to play its scenarios. @param {string} url @param {string} entry @param {string} [proxyUrl] */
async function opened(url, entry, proxyUrl) {
  const { outputFiles } = await build({
    entryPoints: [path("tests/clients", entry)],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "page",
    conditions: ["browser"],
    target: "es2022",
  });
  const page = await browser.context.newPage();
  await page.goto(url);
  await page.addScriptTag({ content: outputFiles[0].text });
  /** @param {string} name @returns {Promise<any>} */
  return (name) =>
    page.evaluate(
      ([name, emulator, proxyUrl]) => /** @type {any} */ (globalThis).page.app(emulator, proxyUrl)[name ?? ""](),
      [name, emulator.url, proxyUrl],
    );
}

const proxy = createFalProxy({
  authenticate: () => ({ id: "visitor" }),
  allowedEndpoints: ["emulator/*", "emulator/echo/**", "fal-ai/any-llm/**", "fal-ai/**"],
  realtimeTokens: { olderContract: true },
  // That client cannot show whose a request is.
  ownership: false,
  credentials: KEY,
  fetch: emulator.fetch,
});
const PAGE = () => new Response("<!doctype html><title>app</title>", { headers: { "content-type": "text/html" } });
const server = createServer(
  toNodeHandler((request) => (new URL(request.url).pathname === "/" ? PAGE() : proxy(request))),
);
const port = await listening(server);
after(() => (server.closeAllConnections(), server.close()));

/** @param {(name: string) => Promise<any>} play */
async function uploads(play) {
  assert.equal((await storedOf(emulator, await play("small"))).size, 5);
  assert.equal((await storedOf(emulator, await play("large"))).size, 95 * MIB);
}

test("@fal-ai/client behind our proxy, in Chromium", async (t) => {
  const play = await opened(`http://127.0.0.1:${port}`, "behind-ours.js");
  for (const [name, expected] of Object.entries({
    run: 1,
    bytes: 300,
    subscribe: [1, "COMPLETED"],
    subscribeByStream: [1, "COMPLETED"],
    stream: [true, false],
    streamFromPage: [true, false],
    cancel: "COMPLETED",
    withFile: "hello",
    realtime: 7,
    invalid: [422, "prompt"],
    closed: [403, "endpoint_not_allowed"],
  })) {
    await t.test(name, async () => assert.deepEqual(await play(name), expected));
  }
  await t.test("uploads, small and large", () => uploads(play));
});

const theirs = await serve(
  process.execPath,
  ["--import", path("tests/lib/redirect.mjs"), path("tests/clients/official-proxy.mjs")],
  {
    cwd: path("."),
    env: { EMULATOR: emulator.url, FAL_KEY: KEY },
  },
);
after(() => theirs.stop());

/** Express's adapter brings the body of an error, not its status: it arrives as a result. */
const WITHOUT_STATUS = { invalid: [undefined, undefined] };

for (const [adapter, differences] of /** @type {[string, object][]} */ ([
  ["express", WITHOUT_STATUS],
  ["svelte", {}],
])) {
  test(`our client behind @fal-ai/server-proxy (${adapter}), in Chromium`, async (t) => {
    const play = await opened(theirs.url, "behind-theirs.js", `/${adapter}`);
    for (const [name, expected] of Object.entries({
      run: 1,
      bytes: 300,
      subscribe: [1, "COMPLETED"],
      subscribeByStream: [1, "COMPLETED"],
      stream: [true, false],
      cancel: "COMPLETED",
      withFile: "hello",
      realtime: 7,
      invalid: [422, "prompt"],
      ...differences,
    })) {
      await t.test(name, async () => assert.deepEqual(await play(name), expected));
    }
    await t.test("uploads, small and large", () => uploads(play));
  });
}

test("our client behind @fal-ai/server-proxy as it comes: without uploads in parts and tokens", async () => {
  const play = await opened(theirs.url, "behind-theirs.js", "/as-it-comes");
  assert.equal(await play("run"), 1);
  assert.equal((await storedOf(emulator, await play("small"))).size, 5);
  await assert.rejects(play("large"), /ApiError/);
  assert.equal((await play("realtime")).status, 400);
});
