/**
 * `node waiting.mjs SIDE COUNT EMULATOR`: so many `subscribe` of one client that wait, and the kB of memory that they take; prints that.
 * The jobs end when this process does: the emulator's clock stands still.
 */

import { redirected } from "../../scripts/lib/emulator.mjs";
import { KEY } from "../../tests/lib/keys.mjs";
import { clientsWith } from "./clients.mjs";
import { rssOf } from "./process.mjs";
import { collect } from "./stats.mjs";

const [side = "", count = "", emulator = ""] = process.argv.slice(2);
const send = (/** @type {any} */ input, /** @type {any} */ init) => fetch(redirected(String(input), emulator), init);
const clients = clientsWith(send);

/** What waits: each starts one job, and resolves when its first status has come. */
const WAITING = {
  ours: (/** @type {number} */ n) => subscribed(clients.ours, n),
  theirs: (/** @type {number} */ n) => subscribed(clients.theirs, n),
  floor: follow,
};

/** @param {any} client @param {number} n */
const subscribed = (client, n) =>
  new Promise((resolve, reject) => {
    client.subscribe("emulator/echo", { input: { n }, onQueueUpdate: resolve }).catch(reject);
  });

/** A stream of the status that is read, and nothing else. @param {number} n */
async function follow(n) {
  const headers = { authorization: `Key ${KEY}`, "content-type": "application/json" };
  const body = JSON.stringify({ n });
  const submitted = await send("https://queue.fal.run/emulator/echo", { method: "POST", headers, body });
  const { request_id: id } = await submitted.json();
  const { body: stream } = await send(`https://queue.fal.run/emulator/echo/requests/${id}/status/stream`, { headers });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (stream).getReader();
  await reader.read();
  void reader.read();
}

const waiting = WAITING[/** @type {keyof typeof WAITING} */ (side)];

// The first one brings all that is needed once.
await waiting(0);
collect();
const before = rssOf(process.pid);
await Promise.all(Array.from({ length: Number(count) }, (_, n) => waiting(n)));
collect();
process.stdout.write(String((rssOf(process.pid) - before) * 1024), () => process.exit());
