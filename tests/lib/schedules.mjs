/**
 * Runs of the simulation of limits (tests/simulation/limits), step by step: two servers whose clocks differ and step, answers
 * that are lost or come twice, isolates that are killed, errors that are billed. The simulation has judged what was answered
 * by fal's own count; a store that answers the same is as good.
 */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../scripts/lib/run.mjs";

/** @returns {Promise<any[][]>} */
export async function schedules() {
  const folder = await mkdtemp(join(tmpdir(), "fal-limits-"));
  try {
    const file = join(folder, "schedules.ndjson");
    const args = ["test", "--locked", "--features", "server", "--test", "simulation", "schedules_for_the_stores"];
    await run("cargo", args, { quiet: true, env: { LIMIT_SCHEDULES: file } });
    const runs = (await readFile(file, "utf8")).trim().split("\n\n");
    return runs.map((lines) => lines.split("\n").map((line) => JSON.parse(line)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Tells a store a run, and holds what it says against what was said in the simulation.
 *
 * @param {any[]} steps @param {(now: () => number) => import("./ledgers.mjs").Store} make @param {string} name
 */
export async function follow(steps, make, name) {
  let now = 0;
  const store = make(() => now);
  for (const [n, step] of steps.entries()) {
    ({ now } = step);
    const { account, wish, settlement, correction, says } = step;
    const said = wish
      ? await store.reserve(account, wish)
      : settlement
        ? await store.settle(account, settlement)
        : ((await store.correct(account, correction)) ?? null);
    assert.deepEqual(said, says, `${name}, step ${n}: ${JSON.stringify(step)}`);
  }
}
