/**
 * Sessions with world models, with all parties: a page in a browser, the proxy in workerd, and the emulator, whose runners speak
 * WebRTC. What a page is shown is read from its video.
 */

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { UserError, path } from "../../scripts/lib/run.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { openChromium } from "../lib/browsers/chromium.mjs";
import { openFirefox } from "../lib/browsers/firefox.mjs";
import { pause, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const folder = path("target/sessions-site");
rmSync(folder, { recursive: true, force: true });
cpSync(path("tests/chromium/site"), folder, { recursive: true });
cpSync(path("dist/browser"), `${folder}/fal-wasm`, { recursive: true });

// The binary has no WebRTC.
const emulator = await startEmulator({ keys: ACCOUNTS, kind: "npm" });
const worker = await startWorker(path("tests/browsers/sessions-worker.js"), {
  assets: folder,
  emulator: emulator.url,
  bindings: { FAL_KEY: KEY },
});
after(async () => {
  await worker.stop();
  emulator.stop();
});

/** What the emulator's runner of a session saw. @param {string} id */
const runnerOf = async (id) =>
  (await emulator.seen()).bridge_sessions.find((/** @type {any} */ { session_id }) => session_id === id);

/** How many offers it has accepted. */
const accepted = async () => (await emulator.seen()).bridge_sessions.length;

/** A browser whose camera is made up. */
const BROWSERS = {
  Chromium: () => openChromium({ flags: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] }),
  Firefox: () =>
    openFirefox({ preferences: { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true } }),
};

/** All of them first: tests begin as soon as one is known. @type {[name: string, browser: import("../lib/browsers/index.mjs").Browser | UserError][]} */
const browsers = [];
for (const [name, open] of Object.entries(BROWSERS)) {
  const browser = await open().catch((/** @type {unknown} */ error) => {
    if (error instanceof UserError) return error;
    throw error;
  });
  if (!(browser instanceof UserError)) await browser.goto(worker.url);
  browsers.push([name, browser]);
}

test("an emulator in memory says where there are sessions", async () => {
  const { createEmulator } = await import("fal-emulator");
  const memory = createEmulator({ keys: [{ key: KEY }] });
  const sdp = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fingerprint:sha-256 00\r\n";
  const answer = await memory.fetch("https://wma.fal.run/session", {
    method: "POST",
    headers: { authorization: `Key ${KEY}` },
    body: JSON.stringify({ app_id: "emulator/world", sdp, type: "offer" }),
  });
  memory.close();
  assert.equal(answer.status, 501);
  assert.match((await answer.json()).detail, /npx fal-emulator/);
});

for (const [browserName, browser] of browsers) {
  if (browser instanceof UserError) {
    test(browserName, { skip: browser.message }, () => {});
    continue;
  }

  describe(browserName, () => {
    after(browser.close);
    const isFirst = browserName === browsers[0]?.[0];

    /** @param {string} name @param {unknown} [argument] @returns {Promise<any>} */
    const inPage = (name, argument) =>
      browser.call(
        async ([name, argument]) => (await import("/sessions.js"))[name](argument),
        /** @type {any} */ ([name, argument]),
      );
    const look = (/** @type {string} */ name) => inPage("look", name);

    /** Waits for something of a session, and says what there was instead. @param {string} name @param {(seen: any) => unknown} is @param {string} what */
    async function see(name, is, what, within = 15_000) {
      /** @type {any} */
      let seen;
      await until(async () => Boolean(is((seen = await look(name)))), { within }).catch(() =>
        assert.fail(`${browserName}, ${name}: not ${what}, but ${JSON.stringify(seen)}`),
      );
      return seen;
    }

    /** Opens one and waits until it shows something. @param {string} name @param {string} proxy @param {object} [more] */
    async function shown(name, proxy, more) {
      await inPage("open", { name, proxy: `/api/${proxy}/${browserName}-${name}`, ...more });
      return see(name, ({ state, number }) => state === "live" && number > 0, "a live picture");
    }

    // What takes long goes on while others are tested; it is the same in every browser.
    before(async () => {
      if (!isFirst) return;
      await shown("brief", "brief");
      const earlier = await accepted();
      await emulator.control({ sessions: { reachable: false } });
      await inPage("open", { name: "nobody", proxy: "/api/many/nobody" });
      await until(async () => (await accepted()) > earlier);
      await emulator.control({ sessions: { reachable: true } });
    });

    test("a session shows pictures that go on, and takes messages", async () => {
      const { number, size, id, walker } = await shown("keys", "one");
      assert.deepEqual(size, [320, 192]);
      assert.deepEqual(walker, { column: 10, row: 9, color: "red" });
      await see("keys", (seen) => seen.number > number, "a later picture");

      await inPage("send", { name: "keys", message: { type: "color", value: "blue" } });
      await inPage("send", { name: "keys", message: { type: "keys", pressed: ["w", "a"], activated: [] } });
      await see("keys", ({ walker }) => walker?.color === "blue" && walker.column < 10 && walker.row < 9, "moved");
      const { heard } = await see("keys", ({ heard }) => heard.length === 2, "answers");
      assert.deepEqual(
        heard.map((/** @type {any} */ { message }) => message.type),
        ["color", "keys"],
      );

      // Its pictures stop, and come back.
      await emulator.control({ sessions: { media: false } });
      await pause(300);
      const stopped = await look("keys");
      await pause(300);
      assert.equal((await look("keys")).number, stopped.number);
      await emulator.control({ sessions: { media: true } });
      await see("keys", (seen) => seen.number > stopped.number, "a picture after the pause");

      // It is this visitor's, and the only one at a time.
      await inPage("open", { name: "second", proxy: `/api/one/${browserName}-keys` });
      const refused = await see("second", ({ state }) => state === "failed", "refused");
      assert.deepEqual([refused.error.code, refused.error.status], ["session_refused", 429]);
      const stranger = await worker.fetch(`/api/one/${browserName}-stranger`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-fal-target-url": "https://wma.fal.run/session/heartbeat",
        },
        body: JSON.stringify({ session_id: id }),
      });
      assert.equal(stranger.status, 404);
      assert.equal((await runnerOf(id)).ended, null);

      await inPage("close", "keys");
      await until(async () => (await runnerOf(id)).ended === "left");
      assert.deepEqual((await look("keys")).states, ["live", "closed"]);
      await shown("keys-again", "one");
      await inPage("close", "keys-again");
    });

    test("a camera's picture reaches the runner, and its own comes back", async () => {
      const { id } = await shown("camera", "many", { camera: true });
      await until(async () => (await runnerOf(id)).packets > 10);
      await inPage("close", "camera");
    });

    test("an answer that is lost is not asked for again", async () => {
      const before = await accepted();
      const match = { host: "wma.fal.run", path_ends: "/session", method: "POST" };
      await emulator.control({ faults: [{ match, then: { drop: "after" } }] });
      await inPage("open", { name: "unknown", proxy: "/api/many/unknown", options: { reopen: 3 } });
      const { error } = await see("unknown", ({ state }) => state === "failed", "failed");
      assert.equal(error.code, "acceptance_unknown");
      assert.equal(await accepted(), before + 1);
    });

    test("a budget that is used up opens nothing more", async () => {
      await shown("first", "poor");
      await inPage("close", "first");
      await inPage("open", { name: "next", proxy: `/api/poor/${browserName}-first` });
      const { error } = await see("next", ({ state }) => state === "failed", "refused");
      assert.deepEqual([error.code, error.status], ["session_refused", 429]);
    });

    const inFirst = isFirst ? test : () => {};
    inFirst("time that is used up, and addresses of nobody, end a session", async () => {
      const { error } = await see("brief", ({ state }) => state === "failed", "cut off", 25_000);
      assert.equal(error.code, "cut_off");
      const nobody = await see("nobody", ({ state }) => state === "failed", "failed", 35_000);
      assert.equal(nobody.error.code, "unconnected");
    });

    test("a session whose runner has died is replaced once, where the page says so, and else fails", async () => {
      const [kept, lost] = [await shown("kept", "many", { options: { reopen: 1 } }), await shown("lost", "many")];
      await emulator.control({ sessions: { runner: "dead" } });
      await emulator.control({ sessions: { runner: "alive" } });
      const again = await see("kept", ({ id, number }) => id !== kept.id && number > 0, "a fresh session");
      assert.ok(again.warnings.some((/** @type {string} */ warning) => warning.includes("`reopen`")));
      await see("lost", ({ state }) => state === "failed" || state === "closed", "over");
      assert.equal((await runnerOf(lost.id)).ended, "died");
      await inPage("close", "kept");
    });

    test("a session without heartbeats ends", async () => {
      const { id } = await shown("expired", "many");
      await emulator.control({ sessions: { lease_ms: 1 } });
      await see("expired", ({ state }) => state === "failed" || state === "closed", "over");
      assert.equal((await runnerOf(id)).ended, "expired");
      await emulator.control({ sessions: { lease_ms: 15_000 } });
    });
  });
}
