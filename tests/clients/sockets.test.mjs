/** The emulator's WebSockets can be reached from every place where the tests run, under the addresses fal gives them. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { openBrowser } from "../../scripts/lib/browser.mjs";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { NEWEST_DATE, startWorker } from "../../scripts/lib/worker.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { redirectSockets } from "../lib/sockets.js";

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

const token = async () => {
  const headers = { authorization: `Key ${KEY}` };
  const body = JSON.stringify({ allowed_apps: ["emulator/echo"], duration: 60 });
  const answer = await emulator.fetch("https://rest.fal.ai/tokens/realtime", { method: "POST", headers, body });
  return (await answer.json()).token;
};

/** Opens a socket, says something and returns the answer. Runs in Node, and in a page. @param {string} url */
const converse = (url) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send('{"by":"token"}');
    socket.onerror = () => reject(new Error("it failed"));
    socket.onmessage = ({ data }) => {
      socket.close();
      resolve(data);
    };
  });

const address = async () => `wss://fal.run/emulator/echo/realtime?fal_jwt_token=${await token()}`;

test("from Node", { skip: !globalThis.WebSocket }, async () => {
  const original = globalThis.WebSocket;
  redirectSockets(emulator.url);
  try {
    assert.equal(await converse(await address()), '{"by":"token"}');
  } finally {
    globalThis.WebSocket = original;
  }
});

test("from a page in Chromium", async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  await browser.context.addInitScript(redirectSockets, emulator.url);
  const page = await browser.context.newPage();
  await page.goto(`${emulator.url}/fal.run/emulator/public`);
  assert.equal(await page.evaluate(converse, await address()), '{"by":"token"}');
});

for (const date of ["2021-11-03", NEWEST_DATE]) {
  test(`from workerd, compatibility date ${date}`, async (t) => {
    const entry = path("tests/clients/sockets-worker.js");
    const worker = await startWorker(entry, { emulator: emulator.url, bindings: { FAL_KEY: KEY }, date });
    t.after(() => worker.stop());
    const answer = async (/** @type {string} */ place) => (await worker.fetch(place)).text();
    assert.equal(await answer("/fetch"), '{"by":"key"}');
    assert.equal(await answer(`/constructor?token=${await token()}`), '{"by":"token"}');
    assert.equal(JSON.parse(await answer("/http")).type, "start");
    const { sockets } = await emulator.seen();
    assert.deepEqual([...new Set(sockets.map((/** @type {any} */ { host }) => host))], ["fal.run", "ws.fal.run"]);
  });
}
