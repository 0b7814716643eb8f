/** The emulator, far away: a relay in front of it, in a process of its own, so that neither its work nor its memory is counted as ours. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { path } from "../../scripts/lib/run.mjs";
import { redirected } from "../../scripts/lib/emulator.mjs";
import { median, msOf } from "./stats.mjs";

/** A usual way to a data centre. */
export const ROUND_TRIP_MS = 40;

/**
 * Starts a relay. It ends with this process.
 *
 * @param {string} url Where it leads.
 * @param {{ roundTripMs?: number, bytesPerSecond?: number }} [setup] The pace is each connection's own, and the same both ways.
 */
export async function startRelay(url, { roundTripMs = 0, bytesPerSecond = 0 } = {}) {
  const args = [path("bench/lib/relay-server.mjs"), new URL(url).port, String(roundTripMs), String(bytesPerSecond)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const port = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`The relay ended at once (${code}).`)));
  });
  const own = `http://127.0.0.1:${port}`;
  return {
    url: own,
    /** A `fetch` that takes what is meant for fal there, and for its storage, which names itself. @param {any} input @param {any} [init] */
    fetch: (input, init) => fetch(redirected(String(input), own).replace(url, own), init),
    stop: () => child.kill(),
  };
}

/**
 * How far away it really is: milliseconds from a question to its answer on a connection that is open.
 *
 * @param {string} url Of something that is answered at once.
 */
export async function measuredRoundTrip(url) {
  const ask = () => msOf(async () => (await fetch(url, { headers: { accept: "*/*" } })).arrayBuffer());
  await ask();
  const times = [];
  for (let count = 0; count < 9; count += 1) times.push(await ask());
  return median(times);
}
