/** The Rust client in a page behind its proxy, with every kind of call. */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { openPage } from "../lib/page.mjs";
import { problems, rustWeb } from "../lib/rust-web.mjs";
import { redirectSockets } from "../lib/sockets.js";

test("a page makes every kind of call through its proxy, and has nothing that could use a key", async (t) => {
  const folder = await rustWeb("page");
  const wasm = readFileSync(`${folder}/client_bg.wasm`, "latin1");
  for (const word of ["authorization", "FAL_KEY"]) assert.ok(!wasm.includes(word), `${word} is in the page`);
  const site = path("target/rust-web/site");
  rmSync(site, { recursive: true, force: true });
  mkdirSync(site, { recursive: true });
  cpSync(folder, site, { recursive: true });
  cpSync(path("tests/chromium/site/index.html"), `${site}/index.html`);
  const emulator = await startEmulator({ keys: ACCOUNTS });
  const bindings = { FAL_KEY: KEY, FAL_PROXY_SECRET: "a secret of the proxy, long enough to sign with" };
  /** @type {string[]} */
  const sent = [];
  /** @type {number} */
  let capabilities = 0;
  const setup = { emulator: emulator.url, bindings, assets: site };
  const { page, mishaps } = await openPage(t, path("tests/chromium/worker.js"), setup, async (page) => {
    await page.addInitScript(redirectSockets, emulator.url);
    page.on("request", (request) => {
      const headers = request.headers();
      sent.push(JSON.stringify([request.url(), headers, request.postData()]));
      if (headers["x-fal-capability"]) capabilities += 1;
    });
  });
  t.after(() => emulator.stop());
  const report = await page.evaluate(async () => {
    const program = await import(/** @type {any} */ ("/client.js"));
    await program.default();
    return program.page("/api/fal/proxy").catch((/** @type {any} */ error) => ({ error }));
  });
  assert.deepEqual(mishaps, []);
  assert.equal(report.error, undefined, JSON.stringify(report.error));
  assert.deepEqual(problems(report, await emulator.seen()), []);
  assert.ok(capabilities > 0, "the proxy is shown whose request it is");
  assert.ok(!sent.some((request) => /authorization/i.test(request) || request.includes(KEY)));
});
