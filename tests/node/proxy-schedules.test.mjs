/**
 * The proxied call under hostile schedules: the real pipeline, two servers of it, with every await in the hands of a seed. The
 * ledger's own decisions are simulated in Rust (tests/simulation/limits); this is about what JavaScript does between them. Its
 * code between two awaits is a straight line, so that the order of answers, their loss and the end of the isolate are all there is.
 *
 * By fal's own count: no budget is exceeded, no key and no proof buys twice, no place is lost for longer than its lease, and
 * nothing is sent that was not let in, attested and reserved. `RUNS=100000` for more, `SEED=n` for one.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { awaits, diceOf, settled } from "../lib/awaits.mjs";
import { stopClock } from "../lib/clock.mjs";
import { KEY, OTHER_KEY } from "../lib/keys.mjs";
import { byHeader, callTo } from "../lib/visitors.mjs";

console.warn = () => {};
const { SEED, RUNS = SEED ? 1 : 500 } = process.env;
const LEASE_SECONDS = 3600;
const UNITS = 3;
const FRESH_MS = 400;
/** One window for all. */
const LONG = 1e9;

const RUN = "https://fal.run/emulator/echo";
const SUBMIT = "https://queue.fal.run/emulator/echo";

/** What happens in all runs together: a schedule in which nothing goes wrong shows nothing. @type {Record<string, number>} */
const seen = {};
const note = (/** @type {string} */ what) => void (seen[what] = (seen[what] ?? 0) + 1);

/** @param {ReturnType<typeof stopClock>} clock @param {number} seed */
async function run(clock, seed) {
  const dice = diceOf(seed);
  const { roll, chance, pick } = dice;
  const world = awaits();
  const { gate } = world;
  let trouble = roll(40);
  const beganAt = clock.passed();
  const setup = {
    concurrent: 1 + roll(3),
    max: UNITS * (1 + roll(6)),
    total: chance(40) ? UNITS * (2 + roll(6)) : undefined,
    proofs: chance(40),
  };
  const what = JSON.stringify({ seed, ...setup });

  // fal: what it was sent, what it bills, and what goes on there.
  /** @type {Map<string, { visitor: string, units: number, until: number }>} */
  const jobs = new Map();
  /** @type {{ visitor: string, units: number, key: string | null, proof: string | null }[]} */
  const bought = [];
  const running = new Map();
  const alive = (/** @type {string} */ visitor) =>
    [...running.values()].filter((one) => one === visitor).length +
    [...jobs.values()].filter((job) => job.visitor === visitor && Date.now() < job.until).length;

  // What each call was let through by.
  /** @type {Map<number, { visitor: string, key: string | null, proof: string | null, knows: Set<string> }>} */
  const calls = new Map();
  const know = (/** @type {string} */ fact) => calls.get(world.call())?.knows.add(fact);

  const stateOf = (/** @type {string} */ id) => {
    const job = /** @type {any} */ (jobs.get(id));
    return Date.now() >= job.until ? "COMPLETED" : "IN_PROGRESS";
  };

  /** @param {any} url @param {any} init */
  const fetch = async (url, init) => {
    const call = world.call();
    const { visitor, key, proof, knows } = calls.get(call) ?? assert.fail("whose call is it?");
    const [, id, end] = /requests\/([^/?]+)(\/\w+)?/.exec(url) ?? [];
    if (!id) {
      for (const fact of ["authenticated", ...(setup.proofs ? ["attested"] : []), "reserved"])
        assert.ok(knows.has(fact), `${fact}: ${what}`);
    }
    // The fourth is what runs and is never heard of.
    const fate = chance(trouble) ? pick([0, 1, 2, 3, 4, 4, 4, 5, 6, 7]) : 8;
    const refuse = (/** @type {any} */ how) => gate("fal").then(how);
    note(`fal ${fate}`);
    if (fate === 0)
      return refuse(() => {
        throw Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } });
      });
    if (fate === 1) return refuse(() => new Response("{}", { status: 401 }));
    if (fate === 2) return refuse(() => new Response("{}", { status: pick([429, 404]) }));
    if (fate === 3) return refuse(() => new Response("{}", { status: 503, headers: { "retry-after": "1" } }));
    await gate("fal");
    if (id) {
      if (!jobs.has(id)) return new Response("{}", { status: 404 });
      if (init.method === "PUT") return Response.json({ status: "CANCELLATION_REQUESTED" }, { status: 202 });
      const said = { status: stateOf(id), id, at: 0 };
      await gate("fal's answer");
      // As old as it is when it comes.
      said.at = Date.now();
      if (fate < 8) return new Response("{}", { status: pick([500, 502, 504]) });
      if (end) return Response.json(said);
      if (said.status !== "COMPLETED") return new Response("{}", { status: 400 });
      return Response.json({}, { headers: { "x-fal-billable-units": String(jobs.get(id)?.units) } });
    }
    // It runs, whatever becomes of the answer.
    if (world.isDead(call) || init.signal?.aborted) throw new DOMException("gone", "AbortError");
    const units = roll(UNITS + 1);
    const isSubmit = String(url).startsWith("https://queue.");
    const one = { units, visitor, key, proof };
    bought.push(one);
    const place = Symbol(visitor);
    if (isSubmit) {
      const request = crypto.randomUUID();
      jobs.set(request, { visitor, units, until: Date.now() + roll(20_000) });
      assert.ok(alive(visitor) <= setup.concurrent, `${alive(visitor)} at once: ${what}`);
      await gate("fal's answer");
      if (fate === 4) throw new TypeError("terminated");
      if (fate < 8) return new Response("{}", { status: pick([500, 502, 504]) });
      return Response.json({ request_id: request, status_url: `${SUBMIT}/requests/${request}/status` });
    }
    running.set(place, visitor);
    assert.ok(alive(visitor) <= setup.concurrent, `${alive(visitor)} at once: ${what}`);
    init.signal?.addEventListener("abort", () => running.delete(place));
    dying.set(call, [...(dying.get(call) ?? []), () => running.delete(place)]);
    await gate("fal's answer");
    running.delete(place);
    if (fate === 4) throw new TypeError("terminated");
    const billed = { "x-fal-billable-units": String(units) };
    if (fate === 5) return new Response("{}", { status: 422, headers: billed });
    if (fate < 8) return new Response("{}", { status: pick([500, 502, 504]) });
    // Who says nothing of units is billed what was thought.
    if (chance(20)) one.units = UNITS;
    return Response.json({ ok: true }, { headers: one.units === units ? billed : {} });
  };
  /** What ends with the isolate of a call. @type {Map<number, (() => void)[]>} */
  const dying = new Map();

  // The store: two servers whose clocks differ and step ask it, over a network.
  const off = [0, 1].map(() => [0, 1].map(() => roll(120_000) - 60_000));
  let shown = 0;
  const kept = memoryLimits({ now: () => Date.now() + shown });
  const wired = (/** @type {number} */ server) => {
    /** @param {(store: any) => Promise<any>} work */
    const over = async (work) => {
      await gate("store");
      shown = off[server]?.[clock.passed() - beganAt > 30_000 ? 1 : 0] ?? 0;
      if (chance(trouble / 2)) await work(kept);
      const said = await work(kept);
      await gate("store's answer");
      return said;
    };
    return {
      async reserve(/** @type {string} */ account, /** @type {any} */ wish) {
        const verdict = await over((store) => store.reserve(account, wish));
        if (verdict.kind === "ok" && account !== "" && !account.startsWith("\0")) know("reserved");
        return verdict;
      },
      settle: (/** @type {string} */ account, /** @type {any} */ settlement) =>
        over((store) => store.settle(account, settlement)),
      correct: (/** @type {string} */ account, /** @type {any} */ correction) =>
        over((store) => store.correct(account, correction)),
    };
  };
  let leaks = 0;
  const servers = [0, 1].map((server) =>
    createFalProxy({
      async authenticate(request) {
        await gate("authenticate");
        know("authenticated");
        return byHeader(request);
      },
      ...(setup.proofs && {
        async attest({ headers }) {
          await gate("attest");
          know("attested");
          return { once: String(headers.get("x-proof")) };
        },
      }),
      allowedEndpoints: ["emulator/**"],
      ownership: false,
      credentials: [async () => (await gate("key"), KEY), async () => (await gate("key"), OTHER_KEY)],
      fetch,
      onError: () => {},
      onKeyLeak: () => void (leaks += 1),
      limits: {
        store: wired(server),
        concurrent: setup.concurrent,
        leaseSeconds: LEASE_SECONDS,
        spending: { max: setup.max, windowSeconds: LONG, prices: { "emulator/**": { price: 1, units: UNITS } } },
        ...(setup.total && { total: { spending: { max: setup.total, windowSeconds: LONG } } }),
      },
    }),
  );

  // The visitors.
  let count = 0;
  /** @param {string} visitor @param {string} target @param {any} [init] */
  const ask = (visitor, target, init = {}) => {
    const call = (count += 1);
    const key = chance(50) ? String(roll(3)) : null;
    const proof = setup.proofs ? String(roll(6)) : null;
    calls.set(call, { visitor, key, proof, knows: new Set() });
    const leave = new AbortController();
    const headers = {
      "x-visitor": visitor,
      ...(key !== null && { "idempotency-key": key }),
      ...(proof !== null && { "x-proof": proof }),
      ...init.headers,
    };
    const began = Date.now();
    void world.begin(call, async () => {
      const server = servers[roll(2)];
      const answer = await server?.(callTo(target, { ...init, headers, signal: leave.signal }), {});
      note(`answer ${answer?.status}`);
      const fate = chance(trouble) ? roll(3) : 3;
      if (fate === 0) return;
      if (fate === 1) return answer?.body?.cancel();
      const text = await answer?.text();
      if (answer?.status !== 200 || !target.includes("/status")) return;
      const said = JSON.parse(String(text));
      // Another's is never shown, and no older one than the cache may keep.
      assert.ok(target.includes(said.id), `another job: ${what}`);
      assert.ok(said.at >= began - FRESH_MS, `an old status: ${what}`);
    });
    if (chance(trouble / 3)) setTimeout(() => leave.abort(), roll(3_000));
  };

  const names = ["ann", "bob"];
  for (let left = 6 + roll(10), steps = 0; (left > 0 || world.pending.length > 0) && steps < 2_000; steps += 1) {
    const known = [...jobs.keys()];
    if (left > 0 && chance(25)) {
      left -= 1;
      const id = pick(known);
      const kind = id ? roll(8) : roll(4);
      if (kind < 2) ask(pick(names), RUN);
      else if (kind < 4) ask(pick(names), SUBMIT);
      else if (kind === 4)
        ask(/** @type {any} */ (jobs.get(id)).visitor, `${SUBMIT}/requests/${id}`, { method: "GET" });
      else if (kind === 5)
        ask(/** @type {any} */ (jobs.get(id)).visitor, `${SUBMIT}/requests/${id}/cancel`, { method: "PUT" });
      else ask(pick(names), `${SUBMIT}/requests/${id}/status`, { method: "GET" });
      if (chance(10)) ask("eve", RUN, { headers: { "x-key": KEY } });
    } else if (chance(15)) clock.pass(chance(10) ? 10_000 : roll(1_500));
    else if (world.pending.length > 0) {
      const at = roll(world.pending.length);
      const [one] = world.pending.splice(at, 1);
      if (one && chance(trouble / 20)) {
        note("killed");
        world.kill(one.call);
        for (const end of dying.get(one.call) ?? []) end();
      } else if (one && chance(trouble / 10)) one.reject(new Error(`${one.what} failed`));
      // Else late: it is never answered, and the clock goes on.
      else if (!one || !chance(trouble / 20)) one?.resolve();
      else note("never");
    }
    await settled();
  }

  // By fal's own count.
  const sum = (/** @type {(one: any) => boolean} */ of) => bought.filter(of).reduce((all, { units }) => all + units, 0);
  for (const name of names) assert.ok(sum(({ visitor }) => visitor === name) <= setup.max, `${name}: ${what}`);
  assert.ok(sum(() => true) <= (setup.total ?? Infinity), `all: ${what}`);
  for (const one of bought.filter(({ units }) => units > 0)) {
    const same = bought.filter(
      ({ units, visitor, key, proof }) =>
        units > 0 &&
        ((key !== null && visitor === one.visitor && key === one.key) || (proof !== null && proof === one.proof)),
    );
    assert.ok(same.length <= 1, `bought twice: ${JSON.stringify(same)} ${what}`);
  }
  // Each server rings for its own key once a minute, and once for a key of which it cannot tell.
  const minutes = Math.ceil((clock.passed() - beganAt) / 60_000);
  assert.ok(leaks <= servers.length * (1 + minutes), `${leaks} alarms: ${what}`);

  // When all jobs are over, and the longest lease: there is a place for everybody again.
  trouble = 0;
  clock.pass(LEASE_SECONDS * 1000 + 200_000);
  await settled();
  for (const name of names) {
    const answer = await world.begin((count += 1), async () => {
      calls.set(count, { visitor: name, key: null, proof: "last", knows: new Set() });
      let answer;
      const asked = servers[0]?.(callTo(RUN, { headers: { "x-visitor": name, "x-proof": `last ${name}` } }), {});
      void asked?.then((one) => void (answer = one));
      for (let turns = 0; turns < 400 && !answer; turns += 1) {
        for (const one of world.pending.splice(0)) one.resolve();
        await settled();
      }
      return /** @type {Response | undefined} */ (answer);
    });
    assert.ok(answer, `no answer: ${what}`);
    const { error } = answer.ok ? {} : await answer.json().catch(() => ({}));
    assert.notEqual(error?.code, "too_many_jobs", `a place is lost: ${what}`);
    for (let turns = 0; turns < 20; turns += 1) {
      for (const one of world.pending.splice(0)) one.resolve();
      await settled();
    }
  }
}

test(`the proxied call keeps its promises in ${RUNS} hostile schedules`, async (t) => {
  process.on("unhandledRejection", () => {});
  const clock = stopClock(t);
  const first = Number(SEED ?? 1);
  for (let seed = first; seed < first + Number(RUNS); seed += 1) {
    if (process.env.TRACE) console.error(seed);
    await run(clock, seed);
  }
  if (SEED) return;
  for (const one of [
    "killed",
    "never",
    "answer 200",
    "answer 409",
    "answer 429",
    "answer 502",
    "answer 503",
    "answer 504",
  ])
    assert.ok((seen[one] ?? 0) > 5, `${one}: ${JSON.stringify(seen)}`);
});
