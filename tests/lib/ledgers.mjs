/**
 * What every store of limits has to do, as a story: steps, one after the other, and what each must answer. It is told to
 * each of them.
 */

import assert from "node:assert/strict";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A moment at the beginning of an hour, far from now: nothing is due by the clock on the wall. */
const BEGIN = 1_200_000 * HOUR;

/** @param {string} ticket @param {any} [more] */
const wish = (ticket, more) => ({ ticket, leaseMs: HOUR, ...more });
const money = (/** @type {number} */ cost, max = 100) => ({ spending: { cost, unit: 10, max, windowMs: HOUR } });
const once = (/** @type {string} */ key, digest = "d") => ({ once: { key, digest, keepMs: 24 * HOUR } });
const job = (/** @type {string} */ id) => ({ app: "fal-ai/flux", id });
const OK = { kind: "ok" };
const refused = (/** @type {string} */ limit, /** @type {number} */ retryAfterMs) => ({
  kind: "refused",
  limit,
  retryAfterMs,
});

/** @typedef {{ reserve(account: string, wish: any): Promise<any>, settle(account: string, settlement: any): Promise<any>, correct(account: string, correction: any): Promise<any> }} Store */

/** What a store that can be told the time is held against. @type {Record<string, (store: Store, at: (ms: number) => void) => Promise<void>>} */
export const stories = {
  async "requests are counted in a window that moves along"(store, at) {
    const requests = { requests: { max: 4, windowMs: HOUR } };
    const asks = async (/** @type {number} */ minutes, /** @type {any[]} */ ...verdicts) => {
      at(minutes * MINUTE);
      for (const verdict of verdicts) assert.deepEqual(await store.reserve("ann", wish("1", requests)), verdict);
    };
    await asks(0, OK);
    await asks(59, OK, OK, OK, refused("requests", MINUTE + 1));
    assert.deepEqual(await store.reserve("bob", wish("1", requests)), OK);
    await asks(60, refused("requests", 1));
    await asks(61, OK, refused("requests", 14 * MINUTE + 1));
    await asks(75, refused("requests", 1));
    await asks(76, OK, refused("requests", 14 * MINUTE + 1));
    await asks(119, OK, OK, refused("requests", MINUTE + 1));
    await asks(241, OK, OK, OK, OK, refused("requests", 59 * MINUTE + 1));
  },

  async "places are taken and given back, also by time"(store, at) {
    const jobs = { jobs: { max: 2 } };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", jobs)), OK);
    assert.deepEqual(await store.reserve("ann", wish("2", jobs)), OK);
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), refused("jobs", 5000));
    await store.settle("ann", { ticket: "1", outcome: "began", became: job("job") });
    assert.deepEqual(await store.reserve("ann", wish("3", { ...jobs, asked: ["jobs"] })), refused("jobs", 5000));
    await store.settle("ann", { job: "another", outcome: "charged" });
    await store.settle("bob", { job: "job", outcome: "charged" });
    assert.deepEqual(await store.reserve("ann", wish("3", { ...jobs, asked: ["jobs"] })), refused("jobs", 5000));
    await store.settle("ann", { job: "job", outcome: "charged" });
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), OK);
    at(HOUR);
    assert.deepEqual(await store.reserve("ann", wish("4", jobs)), OK);
  },

  async "money is reserved, and settled with what was used"(store, at) {
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", money(60))), OK);
    assert.deepEqual(await store.reserve("ann", wish("2", money(50))), refused("spending", HOUR));
    await store.settle("ann", { ticket: "1", outcome: "charged", units: 2.5 });
    assert.deepEqual(await store.reserve("ann", wish("2", money(75))), OK, "25 were used");
    assert.deepEqual(await store.reserve("ann", wish("3", money(1))), refused("spending", HOUR));
    await store.settle("ann", { ticket: "2", outcome: "free" });
    assert.deepEqual(await store.reserve("ann", wish("3", money(75))), OK, "it was given back");
    await store.settle("ann", { ticket: "3", outcome: "charged" });
    await store.settle("ann", { ticket: "3", outcome: "free" });
    assert.deepEqual(await store.reserve("ann", wish("4", money(1))), refused("spending", HOUR), "only once");
  },

  async "what a job cost is known later, and counts where it was taken"(store, at) {
    at(HOUR - 1);
    assert.deepEqual(await store.reserve("ann", wish("1", money(100))), OK);
    await store.settle("ann", { ticket: "1", outcome: "began", became: job("job") });
    at(HOUR);
    assert.deepEqual(await store.reserve("ann", wish("2", money(100))), OK, "another hour");
    await store.settle("ann", { job: "job", outcome: "charged", units: 1 });
    assert.deepEqual(await store.reserve("ann", wish("3", money(1))), refused("spending", HOUR));
  },

  async "all is taken, or nothing"(store, at) {
    const all = { requests: { max: 10, windowMs: HOUR }, jobs: { max: 1 }, ...money(60) };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", all)), OK);
    for (let n = 0; n < 20; n += 1) {
      assert.deepEqual(await store.reserve("ann", wish("x", all)), refused("jobs", 5000));
    }
    await store.settle("ann", { ticket: "1", outcome: "free" });
    assert.deepEqual(await store.reserve("ann", wish("2", all)), OK);
  },

  async "the same key gets the same answer, and takes nothing"(store, at) {
    const all = { requests: { max: 3, windowMs: 48 * HOUR }, ...once("k") };
    const answer = { status: 200, contentType: "application/json", body: '{"é":[]}' };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", all)), OK);
    assert.deepEqual(await store.reserve("ann", wish("2", all)), { kind: "pending" });
    await store.settle("ann", { ticket: "1", outcome: "began", became: job("job"), once: "k", answer });
    for (let n = 0; n < 9; n += 1) {
      assert.deepEqual(await store.reserve("ann", wish("2", all)), { kind: "replay", answer });
    }
    assert.deepEqual(await store.reserve("ann", wish("3", { ...all, ...once("k", "e") })), { kind: "reused" });
    assert.deepEqual(await store.reserve("bob", wish("4", all)), OK, "another's key is another key");
    assert.deepEqual(await store.reserve("ann", wish("5", { ...all, ...once("l") })), OK);
    await store.settle("ann", { ticket: "5", outcome: "free", once: "l" });
    assert.deepEqual(await store.reserve("ann", wish("6", { ...all, ...once("l") })), OK, "nothing was run with it");
  },
};

/** Stories about what went wrong once. @type {Record<string, (store: Store, at: (ms: number) => void) => Promise<void>>} */
Object.assign(stories, {
  async "a clock that steps back opens no window again"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const requests = { requests: { max: 1, windowMs: HOUR } };
    at(HOUR);
    assert.deepEqual(await store.reserve("ann", wish("1", money(100))), OK);
    assert.deepEqual(await store.reserve("ann", wish("2", requests)), OK);
    for (const ms of [HOUR - 1, HOUR, HOUR - 1, 0, HOUR]) {
      at(ms);
      assert.equal((await store.reserve("ann", wish("3", money(1)))).kind, "refused", String(ms));
      assert.equal((await store.reserve("ann", wish("4", requests))).kind, "refused", String(ms));
    }
  },

  async "before anybody is refused fal is asked about the jobs"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const jobs = { jobs: { max: 2 } };
    at(0);
    for (const ticket of ["1", "2"]) {
      assert.deepEqual(await store.reserve("ann", wish(ticket, jobs)), OK);
      await store.settle("ann", { ticket, outcome: "began", became: job(`job ${ticket}`) });
    }
    at(3 * HOUR);
    const question = { kind: "question", about: "jobs", jobs: [job("job 1"), job("job 2")] };
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), question, "past every lease");
    assert.deepEqual(await store.reserve("ann", wish("3", { ...jobs, asked: ["jobs"] })), refused("jobs", MINUTE));
    assert.deepEqual(
      await store.reserve("ann", wish("3", jobs)),
      refused("jobs", MINUTE),
      "they were just asked about",
    );
    at(3 * HOUR + 5_000);
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), question);
    await store.settle("ann", { job: "job 2", outcome: "released" });
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), OK);
  },

  async "who was asked about money is asked about places before they are refused one"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const all = { jobs: { max: 1 }, ...money(60, 100) };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", all)), OK);
    await store.settle("ann", { ticket: "1", outcome: "began", became: job("j1") });
    await store.settle("ann", { job: "j1", outcome: "released" });
    const about = (/** @type {string} */ what, /** @type {string} */ id) => ({
      kind: "question",
      about: what,
      jobs: [job(id)],
    });
    assert.deepEqual(await store.reserve("ann", wish("2", all)), about("spending", "j1"));
    assert.deepEqual(await store.reserve("ann", wish("3", { jobs: { max: 1 } })), OK, "while fal is asked");
    await store.settle("ann", { ticket: "3", outcome: "began", became: job("j3") });
    const asked = { ...all, asked: ["spending"] };
    assert.deepEqual(await store.reserve("ann", wish("2", asked)), about("jobs", "j3"));
    assert.equal((await store.reserve("ann", wish("2", { ...all, asked: ["spending", "jobs"] }))).limit, "jobs");
    await store.settle("ann", { job: "j3", outcome: "free" });
    assert.equal((await store.reserve("ann", wish("2", asked))).limit, "spending", "there is a place, and no money");
  },

  async "a job that is over keeps its money until its bill is known"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const all = { jobs: { max: 1 }, ...money(100) };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", all)), OK);
    assert.deepEqual(await store.settle("ann", { ticket: "1", outcome: "began", became: job("j") }), {
      reserved: 100,
      cost: 100,
    });
    await store.settle("ann", { job: "j", outcome: "released" });
    assert.deepEqual(await store.reserve("ann", wish("2", all)), {
      kind: "question",
      about: "spending",
      jobs: [job("j")],
    });
    assert.deepEqual(await store.settle("ann", { job: "j", outcome: "charged", units: 2.5 }), {
      reserved: 100,
      cost: 25,
    });
    assert.deepEqual(await store.settle("ann", { job: "j", outcome: "free" }), {}, "only once");
    assert.deepEqual(await store.reserve("ann", wish("2", { ...all, ...money(75) })), OK);
  },

  async "what is asked for again is kept for as long again, unless it is a job"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const jobs = { jobs: { max: 1 } };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", jobs)), OK);
    at(HOUR - 1);
    assert.deepEqual(await store.reserve("ann", wish("1", { ...jobs, leaseMs: MINUTE })), OK);
    at(HOUR + MINUTE - 2);
    assert.deepEqual(await store.reserve("ann", wish("2", jobs)), refused("jobs", 1));
    at(HOUR + MINUTE - 1);
    assert.deepEqual(await store.reserve("ann", wish("2", jobs)), OK);
    await store.settle("ann", { ticket: "2", outcome: "began", became: job("j") });
    assert.deepEqual(await store.reserve("ann", wish("2", { ...jobs, leaseMs: 1 })), OK);
    at(3 * HOUR);
    assert.equal((await store.reserve("ann", wish("3", jobs))).kind, "question", "it goes on");
  },

  async "what was lost keeps its place and its money until its lease ends"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const all = { jobs: { max: 1 }, ...money(60, 150) };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", all)), OK);
    await store.settle("ann", { ticket: "1", outcome: "lost" });
    assert.equal((await store.reserve("ann", wish("2", all))).limit, "jobs");
    at(HOUR - 1);
    assert.deepEqual(await store.reserve("ann", wish("2", all)), refused("jobs", 1), "then it ends");
  },

  async "late word about an earlier call does not give its key back"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", once("k"))), OK);
    await store.settle("ann", { ticket: "1", outcome: "free", once: "k" });
    assert.deepEqual(await store.reserve("ann", wish("2", once("k"))), OK);
    await store.settle("ann", { ticket: "1", outcome: "free", once: "k" });
    assert.deepEqual(await store.reserve("ann", wish("3", once("k"))), { kind: "pending" });
  },

  async "what is dearer than the whole budget is not told to come again"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", money(101))), { kind: "refused", limit: "spending" });
  },

  async "an answer may be a picture, and comes back byte for byte"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    const answer = { status: 200, contentType: "image/jpeg", body: btoa(String.fromCharCode(...bytes)) };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", once("k"))), OK);
    await store.settle("ann", { ticket: "1", outcome: "charged", once: "k", answer });
    assert.deepEqual(await store.reserve("ann", wish("2", once("k"))), { kind: "replay", answer });
  },

  async "what the whole app uses is only counted, and corrected in its own window"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const all = (/** @type {number} */ cost) => wish("1", { ...money(cost), countedOnly: true });
    at(7);
    assert.deepEqual(await store.reserve("", all(60)), OK);
    assert.deepEqual(await store.reserve("", all(40)), OK, "the same ticket counts twice: nothing stays open");
    assert.equal((await store.reserve("", all(1))).limit, "spending");
    await store.correct("", { at: BEGIN + 7, reserved: 60, cost: 25 });
    assert.equal((await store.reserve("", all(36))).limit, "spending");
    assert.deepEqual(await store.reserve("", all(35)), OK);
    at(HOUR);
    assert.deepEqual(await store.reserve("", all(100)), OK, "another hour");
    await store.correct("", { at: BEGIN + 7, reserved: 40, cost: 0 });
    assert.equal((await store.reserve("", all(1))).limit, "spending", "the hour before is past");
  },

  async "a job remembers when the whole app was charged for it"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", money(60))), OK);
    await store.settle("ann", { ticket: "1", outcome: "began", became: job("j"), total: 17 });
    assert.deepEqual(await store.settle("ann", { job: "j", outcome: "charged", units: 1 }), {
      reserved: 60,
      cost: 10,
      total: 17,
    });
    assert.deepEqual(await store.reserve("ann", wish("2", money(60))), OK);
    assert.deepEqual(await store.settle("ann", { ticket: "2", outcome: "free", total: 18 }), {
      reserved: 60,
      cost: 0,
      total: 18,
    });
  },

  async "an alarm rings once, and stops everything until somebody says otherwise"(
    /** @type {Store} */ store,
    /** @type {(ms: number) => void} */ at,
  ) {
    const all = wish("1", { ...money(10, 1000), countedOnly: true, alarm: { max: 25, windowMs: HOUR } });
    const stopped = { kind: "refused", limit: "stopped" };
    at(0);
    for (const verdict of [OK, OK, { kind: "alarm" }, stopped, stopped]) {
      assert.deepEqual(await store.reserve("", all), verdict);
    }
    at(40 * 24 * HOUR);
    assert.deepEqual(await store.reserve("", all), stopped);
    await store.correct("", { stopped: false });
    assert.deepEqual(await store.reserve("", all), OK);
    await store.correct("", { stopped: true });
    assert.deepEqual(await store.reserve("", wish("2", {})), stopped, "by hand");
  },
});

/** A store whose verdicts do not say when: that is of no concern to most stories. @param {Store} store @returns {Store} */
const timeless = ({ reserve, settle, correct }) => ({
  async reserve(account, wish) {
    const { at: _, ...verdict } = await reserve(account, wish);
    return verdict;
  },
  settle,
  correct,
});

/** Runs every story against stores that share a clock. @param {import("node:test").TestContext} t @param {(now: () => number) => Store} make */
export async function tell(t, make) {
  for (const [name, story] of Object.entries(stories)) {
    let now = BEGIN;
    await t.test(name, () => story(timeless(make(() => now)), (ms) => void (now = BEGIN + ms)));
  }
}

/**
 * Two stores, and the same random steps under clocks that differ and step: what they say is compared, word for word.
 *
 * @param {(now: () => number) => Store} one @param {(now: () => number) => Store} other @param {number} seed
 */
export async function compare(one, other, seed) {
  let state = seed;
  const roll = (/** @type {number} */ sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
  let now = BEGIN;
  const stores = [one(() => now), other(() => now)];
  const outcomes = ["charged", "free", "began", "released", "cancelled", "lost"];
  for (let n = 0, clock = BEGIN; n < 60; n += 1) {
    clock += roll(4) === 0 ? roll(20 * MINUTE) : roll(4_000);
    now = clock + roll(2) * (roll(120_000) - 60_000);
    const ticket = String(roll(12));
    const key = String(roll(3));
    const [reserved, cost] = [roll(60), roll(60)];
    const step =
      roll(7) === 0
        ? {
            correction: {
              ...(roll(3) && { at: now - roll(HOUR), reserved, cost }),
              ...(roll(3) === 0 && { stopped: roll(3) === 0 }),
            },
          }
        : roll(5) < 3
          ? {
              wish: wish(ticket, {
                leaseMs: 1 + roll(HOUR),
                ...(roll(2) && { requests: { max: 1 + roll(6), windowMs: 10 * MINUTE } }),
                ...(roll(2) && { jobs: { max: 1 + roll(3) } }),
                ...(roll(2) && money(roll(60), 100)),
                ...(roll(3) === 0 && once(key, String(roll(2)))),
                ...(roll(3) === 0 && { asked: ["jobs", "spending"].filter(() => roll(2)) }),
                ...(roll(6) === 0 && { countedOnly: true }),
                ...(roll(8) === 0 && { alarm: { max: 100 + roll(300), windowMs: HOUR } }),
              }),
            }
          : {
              settlement: {
                ...(roll(2) ? { job: `job ${ticket}` } : { ticket }),
                outcome: outcomes[roll(6)],
                ...(roll(2) && { units: roll(400) / 100 }),
                ...(roll(3) && { became: job(`job ${ticket}`) }),
                ...(roll(3) === 0 && { total: BEGIN + roll(HOUR) }),
                ...(roll(2) && { once: key, answer: { status: 200, contentType: "text/plain", body: "aGk=" } }),
              },
            };
    const said = await Promise.all(
      stores.map(async (store) => {
        if (step.wish) return store.reserve("ann", step.wish);
        if (step.settlement) return store.settle("ann", step.settlement);
        return store.correct("ann", step.correction);
      }),
    );
    assert.deepEqual(said[0], said[1], `seed ${seed}, step ${n}: ${JSON.stringify(step)}`);
  }
}
