/** Playing the scenarios of a place against an emulator of its own, and judging each. */

import assert from "node:assert/strict";
import { inspect } from "node:util";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { ACCOUNTS } from "../lib/keys.mjs";
import { draw } from "./draw.js";
import { judge } from "./judge.mjs";

/** @typedef {import("./draw.js").Scenario} Scenario */
/** @typedef {import("./judge.mjs").Outcome} Outcome */

/** Scenarios in each place; no two of them are the same. */
const SCENARIOS = 100;
/** The first seed of each place. */
export const PLACES = { node: 1, workerd: 101, chromium: 201, rust: 301, rustInWorkerd: 401, rustInChromium: 501 };

/** An emulator that ends with the test. @param {import("node:test").TestContext} t */
export async function emulatorOf(t) {
  const emulator = await startEmulator({ keys: ACCOUNTS });
  t.after(() => emulator.stop());
  return emulator;
}

/**
 * Plays the scenarios of a place, and judges each.
 *
 * @param {number} first @param {Awaited<ReturnType<typeof startEmulator>>} emulator
 * @param {(scenario: Scenario) => Promise<Outcome>} enact @param {() => unknown[]} [mishaps] What else went wrong there.
 * @param {number} [count]
 */
export async function playAll(first, emulator, enact, mishaps = () => [], count = SCENARIOS) {
  const asked = process.env.SEED;
  const seeds = asked ? [Number(asked)] : Array.from({ length: count }, (_, index) => first + index);
  /** @type {Map<string, number>} */
  const met = new Map();
  for (const seed of seeds) {
    const scenario = draw(seed);
    let outcome;
    let report;
    try {
      await emulator.control(scenario.control);
      outcome = await enact(scenario);
      report = await emulator.seen();
      judge(scenario, outcome, report);
      assert.deepEqual(mishaps(), []);
    } catch (error) {
      const sent = report?.requests.map((/** @type {any} */ { method, host, path, status }) => [
        method,
        host + path,
        status,
      ]);
      const story = inspect({ scenario, outcome, sent, jobs: report?.jobs }, { depth: 9 });
      throw new Error(`SEED=${seed} node --test tests/scenarios\n${story}`, { cause: error });
    }
    const code = outcome.error?.code ?? "ok";
    met.set(code, (met.get(code) ?? 0) + 1);
  }
  // Bad days, but not the end of the world: where nothing or everything succeeds, nothing is proved.
  const good = met.get("ok") ?? 0;
  assert.ok(asked || (good > count / 4 && met.size > 5), inspect(met));
}
