/** Every example, started and called: the same app, wherever it is deployed. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { runtimes } from "../../scripts/lib/setup.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { copyOf, serve } from "../lib/examples.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const PASSWORD = "open sesame";
const bin = await runtimes();
const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const redirect = path("tests/lib/redirect.mjs");
const env = { EMULATOR: emulator.url, FAL_KEY: KEY, APP_PASSWORD: PASSWORD, PORT: "0" };

/** The app's page, somewhere else than in a browser. @param {string} url @param {string} [password] */
const pageOf = (url, password) =>
  createFalClient({
    proxyUrl: { url: `${url}/api/fal/proxy`, when: "always" },
    retry: { maxRetries: 0 },
    fetch: (/** @type {any} */ place, /** @type {any} */ init) => {
      const authorization = password && { authorization: `Basic ${btoa(`app:${password}`)}` };
      return fetch(place, { ...init, headers: { ...init.headers, ...authorization } });
    },
  });

const input = { prompt: "a cat in the rain", image_size: "square" };

/** @param {string} url */
async function isAnApp(url) {
  const fal = pageOf(url, PASSWORD);
  assert.equal((await fal.run("fal-ai/flux/schnell", { input })).data.images.length, 1);
  assert.equal((await fal.subscribe("fal-ai/flux/dev", { input, pollInterval: 30 })).data.images.length, 1);
  const { requests } = await emulator.seen();
  for (const stranger of [undefined, "open barley"]) {
    assert.equal((await failureOf(pageOf(url, stranger).run("fal-ai/flux/schnell", { input }))).status, 401);
  }
  assert.equal((await failureOf(fal.run("fal-ai/veo3", { input }))).code, "endpoint_not_allowed");
  assert.equal((await emulator.seen()).requests.length, requests.length, "nothing of that reached fal");
}

for (const [
  name,
  program,
  args,
  dependencies,
] of /** @type {[string, string, string[], Record<string, string>?][]} */ ([
  ["express", process.execPath, ["--import", redirect, "server.js"], { express: "express5" }],
  ["bun-hono", bin.bun, ["--preload", redirect, "server.js"], { hono: "hono" }],
  ["deno-deploy", bin.deno, ["run", "--preload", redirect, "--allow-net", "--allow-env", "--allow-read", "main.js"]],
])) {
  test(name, async (t) => {
    const cwd = copyOf(name, dependencies);
    const { url, stop } = await serve(program, args, { cwd, env: { ...env, DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0" } });
    t.after(stop);
    await isAnApp(url);
  });
}

test("cloudflare-worker", async (t) => {
  const folder = copyOf("cloudflare-worker");
  const config = JSON.parse(readFileSync(`${folder}/wrangler.jsonc`, "utf8").replace(/,(?=\s*[}\]])/g, ""));
  const sqlite = config.migrations.flatMap((/** @type {any} */ step) => step.new_sqlite_classes);
  const objects = Object.fromEntries(
    config.durable_objects.bindings.map((/** @type {any} */ { name, class_name: className }) => [
      name,
      { className, useSQLite: sqlite.includes(className) },
    ]),
  );
  const worker = await startWorker(`${folder}/${config.main}`, {
    emulator: emulator.url,
    bindings: { FAL_KEY: KEY },
    date: config.compatibility_date,
    flags: config.compatibility_flags,
    objects,
  });
  t.after(() => worker.stop());
  const fal = pageOf(worker.url);
  assert.equal((await fal.run("fal-ai/flux/schnell", { input })).data.images.length, 1);
  assert.equal((await fal.subscribe("fal-ai/flux/schnell", { input, pollInterval: 30 })).data.images.length, 1);
  const { status } = await failureOf(fal.run("fal-ai/flux/schnell", { input: { ...input, num_images: 4 } }));
  assert.equal(status, 422);
  assert.equal((await failureOf(fal.run("fal-ai/flux/dev", { input }))).code, "endpoint_not_allowed");
});
