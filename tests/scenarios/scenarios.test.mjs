/**
 * Hundreds of bad days, for real: a page behind its proxy, and workerd with a key, each against the emulator; and the same with
 * the Rust client, also natively. Those in Node are in `node.test.mjs`.
 */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { KEY } from "../lib/keys.mjs";
import { openPage } from "../lib/page.mjs";
import { startPlayer } from "../lib/rust-client.mjs";
import { rustWeb } from "../lib/rust-web.mjs";
import { PLACES, emulatorOf, playAll } from "./play-all.mjs";

/** @typedef {import("./draw.js").Scenario} Scenario */
/** @typedef {import("./judge.mjs").Outcome} Outcome */

/** Those with the Rust client in a page and in workerd, where its driver is the same as natively. */
const OF_RUST = 40;

// One after the other: cargo puts both into the same file.
const rust = { page: await rustWeb("page"), worker: await rustWeb("worker") };
/** A worker that plays scenarios with the Rust client. */
const PLAYER = `
import module from "./client_bg.wasm?module";
import { initSync, play_scenario } from "./client.js";
initSync({ module });
export default {
  fetch: async (request, env) => new Response(await play_scenario(env, await request.text())),
};
`;

const site = path("target/scenarios-site");
rmSync(site, { recursive: true, force: true });
mkdirSync(site, { recursive: true });
cpSync(path("dist/browser"), `${site}/fal-wasm`, { recursive: true });
cpSync(path("tests/scenarios/play.js"), `${site}/play.js`);
cpSync(path("tests/chromium/site/index.html"), `${site}/index.html`);

test("bad days", { concurrency: true }, async (t) => {
  const entry = path("tests/scenarios/worker.js");
  const bindings = { FAL_KEY: KEY };

  await Promise.all([
    t.test("in Rust", async (t) => {
      const emulator = await emulatorOf(t);
      const player = await startPlayer(emulator.url);
      t.after(() => player.stop());
      await playAll(PLACES.rust, emulator, (scenario) => player.play(scenario));
    }),

    t.test("in Rust, in workerd", async (t) => {
      const emulator = await emulatorOf(t);
      const player = `${rust.worker}/player.mjs`;
      writeFileSync(player, PLAYER);
      const worker = await startWorker(player, { emulator: emulator.url, bindings });
      t.after(() => worker.stop());
      /** @param {Scenario} scenario */
      const enact = async (scenario) => {
        const response = await worker.fetch("/", { method: "POST", body: JSON.stringify(scenario) });
        assert.equal(response.status, 200, response.ok ? "" : await response.text());
        return response.json();
      };
      await playAll(PLACES.rustInWorkerd, emulator, enact, undefined, OF_RUST);
    }),

    t.test("in workerd", async (t) => {
      const emulator = await emulatorOf(t);
      const worker = await startWorker(entry, { emulator: emulator.url, bindings, assets: site });
      t.after(() => worker.stop());
      await playAll(PLACES.workerd, emulator, async (scenario) => {
        const response = await worker.fetch("/play", { method: "POST", body: JSON.stringify(scenario) });
        assert.equal(response.status, 200, response.ok ? "" : await response.text());
        return response.json();
      });
    }),

    t.test("in a page behind its proxy", async (t) => {
      const emulator = await emulatorOf(t);
      const { page, mishaps } = await openPage(t, entry, { emulator: emulator.url, bindings, assets: site });
      const enact = (/** @type {Scenario} */ scenario) => page.evaluate(playInPage, scenario);
      await playAll(PLACES.chromium, emulator, enact, () => mishaps);
    }),

    t.test("in Rust, in a page behind its proxy", async (t) => {
      cpSync(rust.page, `${site}/rust`, { recursive: true });
      const emulator = await emulatorOf(t);
      const { page, mishaps } = await openPage(t, entry, { emulator: emulator.url, bindings, assets: site });
      const enact = (/** @type {Scenario} */ scenario) => page.evaluate(playRustInPage, scenario);
      await playAll(PLACES.rustInChromium, emulator, enact, () => mishaps, OF_RUST);
    }),
  ]);
});

/** Runs in the page, too. @param {Scenario} scenario @returns {Promise<Outcome>} */
async function playRustInPage(scenario) {
  const program = await import(/** @type {any} */ ("/rust/client.js"));
  const window = /** @type {any} */ (globalThis);
  await (window.started ??= program.default());
  return JSON.parse(await program.play_scenario("/api/fal/proxy", JSON.stringify(scenario)));
}

/** Runs in the page. @param {Scenario} scenario @returns {Promise<Outcome>} */
async function playInPage(scenario) {
  const [{ play }, { createFalClient }] = await Promise.all(
    ["/play.js", "/fal-wasm/index.js"].map((module) => import(module)),
  );
  return play(createFalClient, { proxyUrl: "/api/fal/proxy" }, scenario);
}
