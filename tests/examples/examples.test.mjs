/** Every example, started and called: the same app, wherever it is deployed. */

import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { runtimes } from "../../scripts/lib/setup.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { copyOf, serve } from "../lib/examples.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { openPage } from "../lib/page.mjs";
import { nativeExample, wasmExample } from "../lib/rust-examples.mjs";

const PASSWORD = "open sesame";
const bin = await runtimes();
const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const redirect = path("tests/lib/redirect.mjs");
const env = { EMULATOR: emulator.url, FAL_KEY: KEY, APP_PASSWORD: PASSWORD, PORT: "0" };

/** @param {string} password */
const basic = (password) => `Basic ${btoa(`app:${password}`)}`;

/** The app's page, somewhere else than in a browser. @param {string} url @param {string} [password] @param {typeof basic} [sign] */
const pageOf = (url, password, sign = basic) =>
  createFalClient({
    proxyUrl: { url: `${url}/api/fal/proxy`, when: "always" },
    retry: { maxRetries: 0 },
    fetch: (/** @type {any} */ place, /** @type {any} */ init) => {
      const authorization = password && { authorization: sign(password) };
      return fetch(place, { ...init, headers: { ...init.headers, ...authorization } });
    },
  });

const input = { prompt: "a cat in the rain", image_size: "square" };

/** @param {string} url @param {typeof basic} [sign] */
async function isAnApp(url, sign) {
  const fal = pageOf(url, PASSWORD, sign);
  assert.equal((await fal.run("fal-ai/flux/schnell", { input })).data.images.length, 1);
  assert.equal((await fal.subscribe("fal-ai/flux/dev", { input, pollInterval: 30 })).data.images.length, 1);
  const { requests } = await emulator.seen();
  for (const stranger of [undefined, "open barley"]) {
    assert.equal((await failureOf(pageOf(url, stranger, sign).run("fal-ai/flux/schnell", { input }))).status, 401);
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

test("axum", async (t) => {
  const host = new URL(emulator.url).host;
  const places = { FAL_RUN_HOST: `${host}/fal.run`, FAL_QUEUE_RUN_HOST: `${host}/queue.fal.run` };
  const { url, stop } = await serve(await nativeExample("axum"), [], { cwd: path("."), env: { ...env, ...places } });
  t.after(stop);
  await isAnApp(url, (password) => `Bearer ${password}`);
  // What fal bills counts, whatever the answer is: then the budget of the example is used up.
  const fal = pageOf(url, PASSWORD, (password) => `Bearer ${password}`);
  const headers = { "content-type": "application/json", "x-fal-billable-units": "100" };
  await emulator.control({ faults: [{ times: 1, then: { status: 422, headers, body: '{"detail":"no"}' } }] });
  assert.equal((await failureOf(fal.run("fal-ai/flux/schnell", { input }))).status, 422);
  // It is settled when the answer has been read, which the server may learn a moment later.
  const again = async () =>
    fal.run("fal-ai/flux/schnell", { input }).then(
      () => undefined,
      (error) => error,
    );
  let error;
  for (let tries = 0; tries < 5 && !error; tries += 1) error = await again();
  assert.deepEqual([error?.status, error?.code], [429, "budget_exhausted"]);
  assert.ok(error.retryAfterMs > 0);
});

/** What worker-build writes: the module of the platform, and the program on it. */
const SHIM = `
import module from "./example_bg.wasm?module";
import { fetch, initSync } from "./example.js";
initSync({ module });
export default { fetch };
`;

test("workers-rs", async (t) => {
  const shim = `${await wasmExample("workers-rs")}/shim.mjs`;
  writeFileSync(shim, SHIM);
  const ask = async (/** @type {string} */ place, /** @type {Record<string, string>} */ bindings) => {
    const worker = await startWorker(shim, { emulator: emulator.url, bindings });
    t.after(() => worker.stop());
    const response = await worker.fetch(place);
    return { status: response.status, text: await response.text() };
  };
  const drawn = await ask("/?prompt=a+cat", { FAL_KEY: KEY });
  assert.equal(drawn.status, 200, drawn.text);
  const { url, request_id: requestId } = JSON.parse(drawn.text);
  const { jobs, requests } = await emulator.seen();
  assert.deepEqual([jobs.map((/** @type {any} */ job) => job.request_id), url.startsWith("http")], [[requestId], true]);
  assert.ok(requests.every((/** @type {any} */ request) => request.authorization));
  assert.ok(!drawn.text.includes(KEY));
  const keyless = await ask("/?prompt=a+cat", {});
  assert.deepEqual([keyless.status, JSON.parse(keyless.text).code], [502, "credentials_missing"]);
});

test("leptos", async (t) => {
  const site = path("target/examples/leptos");
  cpSync(await wasmExample("leptos"), site, { recursive: true });
  cpSync(path("examples/leptos/index.html"), `${site}/index.html`);
  const program = readFileSync(`${site}/example_bg.wasm`, "latin1");
  assert.ok(!program.includes("authorization") && !program.includes("FAL_KEY"), "nothing there could use a key");
  /** @type {string[]} */
  const authorized = [];
  const setup = { emulator: emulator.url, bindings: { FAL_KEY: KEY }, assets: site };
  const { page, mishaps } = await openPage(t, path("tests/chromium/worker.js"), setup, (page) =>
    page.on("request", (request) => {
      if (request.headers().authorization) authorized.push(request.url());
    }),
  );
  await page.getByRole("button", { name: "Draw" }).click();
  const source = await page.getByRole("img").getAttribute("src");
  assert.match(source ?? "", /^http/);
  assert.equal(await page.getByRole("status").textContent(), "Done.");

  // It waits for as long as the clock stands still.
  await emulator.control({ reset: true, clock: "manual" });
  await page.getByRole("button", { name: "Draw" }).click();
  await page.getByText(/Waiting|Drawing/).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("It was stopped.").waitFor();
  const { jobs, requests } = await emulator.seen();
  const cancels = requests.filter((/** @type {any} */ request) => request.path.endsWith("/cancel"));
  assert.deepEqual([jobs.length, cancels.length], [1, 1], "it was bought once, and taken back");
  assert.deepEqual([...mishaps, ...authorized], []);
});

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
