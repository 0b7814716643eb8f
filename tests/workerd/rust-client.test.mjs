/** The Rust client in a worker that holds the key, with every kind of call. */

import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { problems, rustWeb } from "../lib/rust-web.mjs";

/** What worker-build would write: the module of the platform, and the program on it. */
const SHIM = `
import module from "./client_bg.wasm?module";
import { initSync, worker } from "./client.js";
initSync({ module });
export default {
  async fetch(request, env) {
    return worker(env).then(
      (report) => Response.json(report, { headers: { "x-memory": "" } }),
      (error) => Response.json(error, { status: 500 }),
    );
  },
};
`;

test("a worker makes every kind of call with its key", async (t) => {
  const folder = await rustWeb("worker");
  writeFileSync(`${folder}/shim.mjs`, SHIM);
  const emulator = await startEmulator({ keys: ACCOUNTS });
  t.after(() => emulator.stop());
  const start = async (/** @type {Record<string, string>} */ bindings) => {
    const worker = await startWorker(`${folder}/shim.mjs`, { emulator: emulator.url, bindings });
    t.after(() => worker.stop());
    return worker.fetch("/");
  };
  const response = await start({ FAL_KEY: KEY });
  const report = await response.json();
  assert.equal(response.status, 200, JSON.stringify(report));
  assert.deepEqual(problems(report, await emulator.seen()), []);
  assert.ok(!JSON.stringify(report).includes(KEY));

  const places = { FAL_BASE_URL: emulator.url, FAL_RUN_HOST: `${new URL(emulator.url).host}/fal.run` };
  const local = await start({ FAL_KEY: KEY, ...places });
  assert.equal(local.status, 200, await local.text());
  for (const [name, value] of [
    ["FAL_BASE_URL", "https://evil.example"],
    ["FAL_RUN_HOST", "evil.example"],
    ["FAL_QUEUE_RUN_HOST", "evil.example"],
  ]) {
    const refused = await (await start({ FAL_KEY: KEY, [name ?? ""]: value ?? "" })).json();
    assert.deepEqual([refused.code, refused.text.includes(name)], ["invalid_option", true], refused.text);
  }

  const none = await (await start({})).json();
  assert.equal(none.code, "credentials_missing");
  const malformed = await (await start({ FAL_KEY: `${KEY}:x` })).json();
  assert.equal(malformed.code, "credentials_malformed");
  assert.ok(!JSON.stringify(malformed).includes(KEY));
});

test("what holds a key does not start in a page", async (t) => {
  const folder = await rustWeb("worker");
  const site = path("target/rust-web/edge-site");
  cpSync(folder, site, { recursive: true });
  cpSync(path("tests/chromium/site/index.html"), `${site}/index.html`);
  const { openBrowser } = await import("../../scripts/lib/browser.mjs");
  const worker = await startWorker(path("tests/scenarios/worker.js"), { emulator: "http://127.0.0.1:9", assets: site });
  const browser = await openBrowser();
  t.after(async () => {
    await browser.close();
    await worker.stop();
  });
  const page = await browser.context.newPage();
  await page.goto(worker.url);
  const refused = await page.evaluate(async (key) => {
    const program = await import(/** @type {any} */ ("/client.js"));
    await program.default();
    return program.worker({ FAL_KEY: key }).catch((/** @type {any} */ error) => error);
  }, KEY);
  assert.equal(refused.code, "credentials_in_browser");
});
