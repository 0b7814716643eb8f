/**
 * Sessions with world models under hostile schedules: the real pipeline with every await in the hands of a seed, as in
 * `proxy-schedules.test.mjs`. What is decided about their answers is simulated in Rust (src/proxy/call.rs).
 *
 * By fal's own count: nobody spends more than their budget (but for what fal bills beyond the longest session), nobody has more
 * sessions at once than they may, nobody keeps another's, and what is over holds no place. `RUNS=100000` for more, `SEED=n` for one.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { awaits, diceOf, settled } from "../lib/awaits.mjs";
import { stopClock } from "../lib/clock.mjs";
import { KEY } from "../lib/keys.mjs";
import { byHeader, callTo } from "../lib/visitors.mjs";

console.warn = () => {};
const { SEED, RUNS = SEED ? 1 : 300 } = process.env;
const APP = "my-account/my-world";
const [SESSION, BEAT, OVER] = ["session", "session/heartbeat", "session/close"].map(
  (path) => `https://wma.fal.run/${path}`,
);
/** How long fal keeps a session that nobody keeps: the assumption of js/limits/sessions.ts. */
const LEASE_MS = 15_000;
const PRICE = 1;

/** What happens in all runs together. @type {Record<string, number>} */
const seen = {};
const note = (/** @type {string} */ what) => void (seen[what] = (seen[what] ?? 0) + 1);

/** @typedef {{ visitor: string, began: number, last: number, gone: number | undefined }} Session */

/** @param {ReturnType<typeof stopClock>} clock @param {number} seed */
async function run(clock, seed) {
  const { roll, chance, pick } = diceOf(seed);
  const world = awaits();
  const { gate } = world;
  let trouble = roll(60);
  const maxSeconds = 15 + roll(20);
  const setup = { max: 1 + roll(2), maxSeconds, budget: PRICE * maxSeconds * (1 + roll(2)) };
  const what = JSON.stringify({ seed, ...setup });

  // fal: a session runs from its answer until its page is gone, or nobody has kept it for a while.
  /** @type {Map<string, Session>} */
  const sessions = new Map();
  const endOf = (/** @type {Session} */ { last, gone }) => Math.min(gone ?? Infinity, last + LEASE_MS);
  /** Heartbeats whose place is taken anew: between two places another session of the same visitor may come in. */
  let beating = 0;
  const visitorOf = new Map();

  /** @param {any} url @param {any} init */
  const fetch = async (url, init) => {
    const visitor = visitorOf.get(world.call());
    const body = JSON.parse(new TextDecoder().decode(init.body));
    const fate = chance(trouble) ? roll(6) : 6;
    note(`fal ${fate}`);
    await gate("fal");
    if (init.signal?.aborted) throw new DOMException("gone", "AbortError");
    if (fate === 0) throw Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } });
    if (fate === 1) return Response.json({}, { status: pick([401, 403, 422, 429]) });
    if (fate === 2) return Response.json({}, { status: pick([502, 503]) });
    if (url === BEAT) {
      const session = /** @type {Session} */ (sessions.get(body.session_id));
      assert.equal(session.visitor, visitor, `another's session is kept: ${what}`);
      if (Date.now() < endOf(session)) session.last = Date.now();
      return Response.json({ alive: true });
    }
    const [id, began] = [crypto.randomUUID(), Date.now()];
    sessions.set(id, { visitor, began, last: began, gone: undefined });
    const alive = [...sessions.values()].filter((one) => one.visitor === visitor && began < endOf(one));
    assert.ok(alive.length <= setup.max + beating, `${alive.length} at once: ${what}`);
    if (fate === 3) throw new TypeError("terminated");
    if (fate === 4) return Response.json({}, { status: pick([408, 500, 504]) });
    if (fate === 5) return new Response("<html>");
    return Response.json({ session_id: id, sdp: "v=0", type: "answer" });
  };

  const kept = memoryLimits({ now: () => Date.now() });
  /** @param {(store: any) => Promise<any>} work */
  const over = async (work) => {
    await gate("store");
    if (chance(trouble / 2)) await work(kept);
    const said = await work(kept);
    await gate("store's answer");
    return said;
  };
  const store = {
    reserve: (/** @type {string} */ account, /** @type {any} */ wish) => over((at) => at.reserve(account, wish)),
    settle: (/** @type {string} */ account, /** @type {any} */ became) => over((at) => at.settle(account, became)),
  };
  const proxy = createFalProxy({
    async authenticate(request) {
      await gate("authenticate");
      return byHeader(request);
    },
    allowedEndpoints: [`${APP}/**`],
    credentials: KEY,
    fetch,
    onError: () => {},
    sessions: { max: setup.max, maxSeconds, price: PRICE },
    limits: { store, spending: { max: setup.budget, windowSeconds: 1e9, prices: { "*/**": PRICE } } },
  });

  // The visitors' pages.
  /** @type {{ visitor: string, id: string, capability: string }[]} */
  const pages = [];
  let count = 0;
  /** @param {string} visitor @param {string} target @param {any} body @param {string} [capability] */
  const ask = (visitor, target, body, capability = "") => {
    const call = (count += 1);
    visitorOf.set(call, visitor);
    const headers = { "x-visitor": visitor, "x-fal-capability": capability };
    return world.begin(call, async () => {
      const response = await proxy(callTo(target, { headers, body: JSON.stringify(body) }), {});
      note(`answer ${response.status}`);
      const text = await response.text();
      return { response, text };
    });
  };
  const open = async (/** @type {string} */ visitor) => {
    const { response, text } = await ask(visitor, SESSION, { app_id: APP, sdp: "v=0\r\n", type: "offer" });
    const capability = response.headers.get("x-fal-capability");
    if (response.ok && capability) pages.push({ visitor, id: JSON.parse(text).session_id, capability });
    return response;
  };
  /** @param {{ visitor: string, id: string, capability: string }} page */
  const leave = ({ id }) => {
    const session = /** @type {Session} */ (sessions.get(id));
    session.gone ??= Date.now();
  };
  /** @param {typeof pages[number]} page */
  const beat = async ({ visitor, id, capability }) => {
    beating += 1;
    const { response } = await ask(visitor, BEAT, { session_id: id }, capability).finally(() => (beating -= 1));
    if (response.status === 410) leave({ visitor, id, capability });
  };

  const names = ["ann", "bob"];
  for (let left = 10 + roll(20), steps = 0; (left > 0 || world.pending.length > 0) && steps < 2_000; steps += 1) {
    if (left > 0 && chance(20)) {
      left -= 1;
      const page = pages.length > 0 && chance(60) ? pick(pages) : undefined;
      if (!page) void open(pick(names));
      else if (chance(60)) void beat(page);
      else if (chance(20)) void ask("eve", BEAT, { session_id: page.id }, page.capability);
      else {
        leave(page);
        void ask(page.visitor, OVER, { session_id: page.id }, page.capability);
      }
    } else if (chance(15)) clock.pass(chance(10) ? 9_000 : roll(4_000));
    else if (world.pending.length > 0) {
      const [one] = world.pending.splice(roll(world.pending.length), 1);
      if (one && chance(trouble / 20)) {
        note("killed");
        world.kill(one.call);
      } else if (one && chance(trouble / 10)) one.reject(new Error(`${one.what} failed`));
      else one?.resolve();
    }
    await settled();
  }

  // By fal's own count. What a session takes longer than it may, because fal keeps it for a while, is not in its price.
  trouble = 0;
  for (const name of names) {
    const own = [...sessions.values()].filter(({ visitor }) => visitor === name);
    const billed = own.map((one) => (PRICE * (endOf(one) - one.began)) / 1000);
    const missing = billed.map((cost) => Math.max(0, cost - PRICE * maxSeconds));
    const sum = (/** @type {number[]} */ all) => all.reduce((a, b) => a + b, 0);
    assert.ok(sum(billed) <= setup.budget + sum(missing), `${name}: ${sum(billed)} ${what}`);
  }
  // When all is over: what refuses now is the budget, and never a place.
  clock.pass(400_000);
  await settled();
  for (const name of names) {
    /** @type {Response | undefined} */
    let answer;
    void open(name).then((response) => (answer = response));
    for (let turns = 0; turns < 400 && !answer; turns += 1) {
      for (const one of world.pending.splice(0)) one.resolve();
      await settled();
    }
    assert.ok(answer, `no answer: ${what}`);
    assert.ok([200, 429].includes(answer.status), `${answer.status}: ${what}`);
    note(`at the end ${answer.status}`);
    // The budget comes again with its window, which is long; a place would come again soon.
    const retryAfter = Number(answer.headers.get("retry-after") ?? Infinity);
    if (answer.status === 429) assert.ok(retryAfter > 1_000, `a place is lost: ${what}`);
  }
}

test(`sessions keep the proxy's promises in ${RUNS} hostile schedules`, async (t) => {
  process.on("unhandledRejection", () => {});
  const clock = stopClock(t);
  const first = Number(SEED ?? 1);
  for (let seed = first; seed < first + Number(RUNS); seed += 1) await run(clock, seed);
  if (SEED) return;
  for (const one of ["killed", "answer 200", "answer 404", "answer 410", "answer 429", "answer 502", "answer 503"])
    assert.ok((seen[one] ?? 0) > 5, `${one}: ${JSON.stringify(seen)}`);
});
