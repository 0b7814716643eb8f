/**
 * `node waiting.mjs SIDE COUNT EMULATOR`: so many `subscribe` of one client that wait, and the kB of memory that they take; prints that.
 * The jobs end when this process does: the emulator's clock stands still.
 */

import { redirected } from "../../scripts/lib/emulator.mjs";
import { clientsWith } from "./clients.mjs";
import { rssOf } from "./process.mjs";
import { collect } from "./stats.mjs";

const [side = "", count = "", emulator = ""] = process.argv.slice(2);
const clients = clientsWith((/** @type {any} */ input, /** @type {any} */ init) =>
  fetch(redirected(String(input), emulator), init),
);
const client = side === "ours" ? clients.ours : clients.theirs;

/** Starts one; resolves when its first status has come. @param {number} n */
const waiting = (n) =>
  new Promise((resolve, reject) => {
    client.subscribe("emulator/echo", { input: { n }, onQueueUpdate: resolve }).catch(reject);
  });

// The first one brings all that is needed once.
await waiting(0);
collect();
const before = rssOf(process.pid);
await Promise.all(Array.from({ length: Number(count) }, (_, n) => waiting(n)));
collect();
process.stdout.write(String((rssOf(process.pid) - before) * 1024), () => process.exit());
