/** Limits in a real Durable Object, which is told the time: the stories of every store, and what its alarm throws away. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { tell } from "../lib/ledgers.mjs";
import { follow, schedules } from "../lib/schedules.mjs";

const worker = await startWorker(path("tests/workerd/proxy-worker.js"), {
  emulator: "http://127.0.0.1:9",
  objects: { TIMED: "TimedLimits" },
});
after(() => worker.stop());

/** @param {string} account @param {any} step */
async function ask(account, step) {
  const headers = { "x-visitor": account };
  const answer = await worker.fetch("/timed", { method: "POST", headers, body: JSON.stringify(step) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return /** @type {Promise<any>} */ (answer.json());
}

test("a Durable Object keeps accounts", async (t) => {
  let story = 0;
  await tell(t, (now) => {
    const name = `story ${(story += 1)}, `;
    return {
      reserve: (account, wish) => ask(name + account, { now: now(), wish }),
      settle: (account, settlement) => ask(name + account, { now: now(), settlement }),
      correct: (account, correction) => ask(name + account, { now: now(), correction }),
    };
  });
});

test("a Durable Object says what the simulation of hostile schedules said", async () => {
  const runs = (await schedules()).slice(0, 40);
  for (const [n, steps] of runs.entries()) {
    const name = `schedule ${n}, `;
    const make = (/** @type {() => number} */ now) => ({
      reserve: (/** @type {string} */ account, /** @type {any} */ wish) => ask(name + account, { now: now(), wish }),
      settle: (/** @type {string} */ account, /** @type {any} */ settlement) =>
        ask(name + account, { now: now(), settlement }),
      correct: async (/** @type {string} */ account, /** @type {any} */ correction) =>
        void (await ask(name + account, { now: now(), correction })),
    });
    await follow(steps, make, `run ${n}`);
  }
});

const HOUR = 3600_000;
const DAY = 24 * HOUR;
/** Midnight, far from now. */
const MIDNIGHT = 50_000 * DAY;

/** @param {string} account @returns {(hours: number, step: any) => Promise<any>} */
const accountOf = (account) => (hours, step) => ask(account, { now: MIDNIGHT + hours * HOUR, ...step });
const wish = (/** @type {any} */ more) => ({ wish: { ticket: "1", leaseMs: HOUR, ...more } });
const alarm = { alarm: true };

test("its alarm takes no money away that was spent", async () => {
  const at = accountOf("spender");
  const all = wish({ spending: { cost: 100, unit: 1, max: 100, windowMs: DAY } });
  for (const day of [0, 1]) {
    assert.equal((await at(24 * day + 10, all)).kind, "ok");
    await at(24 * day + 10, { settlement: { ticket: "1", outcome: "charged" } });
    await at(24 * day + 10, alarm);
    assert.equal((await at(24 * day + 23, all)).limit, "spending", "of this day all is spent");
  }
});

test("nor requests that count", async () => {
  const at = accountOf("asker");
  const one = wish({ requests: { max: 1, windowMs: DAY } });
  assert.equal((await at(10, one)).kind, "ok");
  await at(23, alarm);
  assert.equal((await at(23, one)).limit, "requests");
  await at(47, alarm);
  assert.equal((await at(47, one)).kind, "ok");
});

test("nor a place that is taken, until its time is over", async () => {
  const at = accountOf("worker");
  const place = (/** @type {string} */ ticket) => wish({ ticket, jobs: { max: 1 } });
  assert.equal((await at(10, place("1"))).kind, "ok");
  await at(10.9, alarm);
  assert.equal((await at(10.9, place("2"))).limit, "jobs");
  await at(11, alarm);
  assert.equal((await at(11, place("2"))).kind, "ok");
});

test("nor the answer to an idempotency key, for a day", async () => {
  const at = accountOf("repeater");
  const once = wish({ once: { key: "k", digest: "d", keepMs: DAY } });
  const answer = { status: 200, contentType: "application/json", body: "{}" };
  assert.equal((await at(10, once)).kind, "ok");
  await at(10, { settlement: { ticket: "1", outcome: "charged", once: "k", answer } });
  await at(33, alarm);
  assert.deepEqual(await at(33, once), { kind: "replay", answer });
  await at(34, alarm);
  assert.equal((await at(34, once)).kind, "ok");
});

test("answers are kept up to a bound of bytes, a key without one does not buy again, and all of it goes", async () => {
  const at = accountOf("hoarder");
  const body = "A".repeat(80_000);
  const answer = { status: 200, contentType: "image/jpeg", body };
  const once = (/** @type {number} */ n) => ({ once: { key: `k${n}`, digest: "d", keepMs: DAY } });
  const count = 230;
  for (let n = 0; n < count; n += 1) {
    assert.equal((await at(10, wish({ ticket: String(n), ...once(n) }))).kind, "ok");
    await at(10, { settlement: { ticket: String(n), outcome: "charged", once: `k${n}`, answer } });
  }
  const said = [];
  for (let n = 0; n < count; n += 1) said.push((await at(11, wish({ ticket: "again", ...once(n) }))).kind);
  const kept = said.filter((kind) => kind === "replay").length;
  assert.equal(kept, Math.floor((16 * 1024 * 1024) / body.length));
  assert.ok(said.slice(kept).every((kind) => kind === "pending"));
  // There are more than an alarm reads at once.
  await at(34, alarm);
  for (const n of [0, 127, 128, count - 1]) {
    assert.equal((await at(34, wish({ ticket: `new ${n}`, ...once(n) }))).kind, "ok", String(n));
  }
});
