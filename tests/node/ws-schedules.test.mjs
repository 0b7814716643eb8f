/**
 * The line of `ws`, requests one after the other over a socket, under hostile schedules: sockets that open late, close at any
 * frame or cannot be had, callers who leave, frames of nobody's. Every event is handled at once and there is no await between
 * two decisions, so that the order of events is all there is; it is in the hands of a seed. `RUNS=100000` for more, `SEED=n`.
 *
 * What must hold: what was sent is never sent again, answers are their own request's, one socket is open at a time, and everybody gets an end.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createFalClient } from "fal-wasm";

import { diceOf, settled } from "../lib/awaits.mjs";
import { KEY } from "../lib/keys.mjs";

const { SEED, RUNS = SEED ? 1 : 400 } = process.env;

/** @type {Record<string, number>} */
const seen = {};

/** @param {number} seed */
async function run(seed) {
  const { roll, chance, pick } = diceOf(seed);
  /** @type {Socket[]} */
  const sockets = [];
  /** The numbers of all that was sent, in order. @type {number[]} */
  const sent = [];
  let throwsNext = false;

  class Socket {
    readyState = 0;
    /** What it is asked, and how far the answer is. */
    asked = -1;
    told = 0;
    /** @type {Record<string, (event: any) => void>} */
    hears = {};
    constructor() {
      sockets.push(this);
    }
    addEventListener(/** @type {string} */ type, /** @type {any} */ hear) {
      this.hears[type] = hear;
    }
    send(/** @type {string} */ body) {
      if (throwsNext || this.readyState !== 1) {
        throwsNext = false;
        throw new Error("This socket is another's.");
      }
      assert.equal(this.asked, -1, `two at once: ${seed}`);
      [this.asked, this.told] = [JSON.parse(body).n, 0];
      sent.push(this.asked);
    }
    close() {
      this.readyState = 3;
    }
    /** @param {any} message */
    say(message) {
      this.hears.message?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
    }
    lose(code = 1006) {
      this.readyState = 3;
      this.hears.close?.({ code, reason: "" });
    }
  }

  const fal = createFalClient({ env: { FAL_KEY: KEY }, WebSocket: /** @type {any} */ (Socket) });
  const line = fal.ws.connect("emulator/echo");
  /** @type {{ n: number, ends: string[] }[]} */
  const asked = [];
  /** @type {AbortController[]} */
  const leaving = [];
  const ask = () => {
    const one = { n: asked.length, ends: /** @type {string[]} */ ([]) };
    const leave = new AbortController();
    leaving.push(leave);
    asked.push(one);
    const options = { abortSignal: leave.signal };
    const answer = async () => {
      if (chance(50)) return (await line.request({ n: one.n }, options)).data;
      // One who reads, and may stop in the middle.
      let last;
      for await (const frame of await line.stream({ n: one.n }, options)) {
        last = frame;
        if (chance(20)) return last;
      }
      return last;
    };
    answer().then(
      (data) => {
        if (data !== undefined) assert.deepEqual(data, { n: one.n }, `another's answer: ${seed}`);
        one.ends.push("answered");
      },
      (error) => void one.ends.push(error instanceof assert.AssertionError ? error.message : error.code),
    );
  };

  for (let steps = 20 + roll(40); steps > 0; steps -= 1) {
    const open = sockets.filter(({ readyState }) => readyState === 1);
    const socket = pick(sockets.filter(({ readyState }) => readyState < 2));
    const busy = open.find((one) => one.asked >= 0);
    const what = roll(12);
    if (what < 3) ask();
    else if (what < 5 && socket?.readyState === 0) {
      socket.readyState = 1;
      socket.hears.open?.({});
    } else if (what < 9 && busy) {
      const { asked: n } = busy;
      const id = `r${n}`;
      if (busy.told === 0 && chance(5)) busy.say("no beginning");
      else if ((busy.told += 1) === 1) busy.say({ type: "start", request_id: id, status: 200, headers: {} });
      else if (busy.told === 2) busy.say({ n });
      else {
        busy.asked = -1;
        busy.say({ type: "end", request_id: id });
      }
    } else if (what === 9) socket?.lose(pick([1000, 1006, 1011]));
    else if (what === 10) pick(leaving)?.abort();
    else if (chance(20)) throwsNext = true;
    else if (chance(10)) line.close();
    else pick(open.filter((one) => one.asked < 0))?.say({ type: "end", request_id: "nobody's" });
    await settled();
    assert.ok(sockets.filter(({ readyState }) => readyState < 2).length <= 1, `two sockets: ${seed}`);
  }
  line.close();
  await settled();
  assert.deepEqual(
    sent,
    [...new Set(sent)].sort((one, other) => one - other),
    `sent twice, or out of order: ${seed}`,
  );
  for (const { n, ends } of asked) {
    assert.equal(ends.length, 1, `${n} has ${ends.length} ends: ${seed}`);
    const [end = ""] = ends;
    seen[end] = (seen[end] ?? 0) + 1;
    assert.ok(
      ["answered", "aborted", "connection_lost", "unreachable", "invalid_answer"].includes(end),
      `${n} ended with ${end}: ${seed}`,
    );
    // What waits goes over the next socket: it is not lost with this one.
    if (end === "connection_lost" || end === "invalid_answer")
      assert.ok(sent.includes(n), `${n} was never sent: ${seed}`);
  }
  assert.ok(
    sockets.every(({ readyState }) => readyState === 3),
    `a socket is left open: ${seed}`,
  );
}

test(`a line keeps its promises in ${RUNS} hostile schedules`, async () => {
  const first = Number(SEED ?? 1);
  for (let seed = first; seed < first + Number(RUNS); seed += 1) await run(seed);
  if (SEED) return;
  for (const end of ["answered", "aborted", "connection_lost", "unreachable", "invalid_answer"])
    assert.ok((seen[end] ?? 0) > 5, `${end}: ${JSON.stringify(seen)}`);
});
