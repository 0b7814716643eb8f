/** The hostile schedules of tests/simulation/limits, told to the stores in memory and in Redis. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { memoryLimits, redisLimits } from "fal-wasm/limits";

import { TOKEN, startRedis } from "../lib/redis.mjs";
import { follow, schedules } from "../lib/schedules.mjs";

console.warn = () => {};
const redis = await startRedis();
after(() => redis.stop());

const runs = await schedules();

test("there are schedules, and what is worth testing happens in them", () => {
  assert.ok(runs.length >= 300);
  const said = runs.flat().map(({ says }) => says?.kind ?? "");
  for (const kind of ["ok", "refused", "question", "pending", "replay", "alarm"]) {
    assert.ok(said.filter((one) => one === kind).length > 2, kind);
  }
});

test("the store in memory says what the simulation said", async () => {
  for (const [n, steps] of runs.entries()) await follow(steps, (now) => memoryLimits({ now }), `run ${n}`);
});

test("Redis says what the simulation said", async () => {
  for (const [n, steps] of runs.slice(0, 100).entries()) {
    const make = (/** @type {() => number} */ now) =>
      redisLimits({ url: redis.url, token: TOKEN, prefix: `run${n}:`, now });
    await follow(steps, /** @type {any} */ (make), `run ${n}`);
  }
});
