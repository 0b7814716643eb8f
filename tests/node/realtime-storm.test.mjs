/** Realtime connections in a network that does its worst, for real: what the simulation says holds on a wire, too. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { socketsOf } from "../lib/socket.mjs";

const LIVES = 100;
const MESSAGES = 8;

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());
const WebSocket = socketsOf(emulator.url);
const retry = { baseDelay: 1, maxDelay: 3, maxRetries: 4 };
const fal = createFalClient({ env: { FAL_KEY: KEY }, WebSocket, retry });

/** A number below another, decided by the life it belongs to. @param {number} seed */
function dice(seed) {
  let state = seed * 2654435761;
  return (/** @type {number} */ sides) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % sides;
  };
}

/** What can happen to a handshake or to a socket. @param {ReturnType<typeof dice>} roll */
const fate = (roll) =>
  [
    { status: 503 },
    { status: 429 },
    { drop: "before" },
    { drop: "after" },
    { delay_ms: 10 },
    { close: [1000, 1001, 1006, 1011, 1012, 4000][roll(6)], after: roll(4) },
  ][roll(6)];

test("every message is answered, or its loss is said; order is kept; closing ends it", async () => {
  let answered = 0;
  for (let life = 0; life < LIVES; life++) {
    const roll = dice(life + 1);
    const then = Array.from({ length: roll(5) }, () => fate(roll));
    const faults = then.map((effect) => ({ match: { path_contains: "/realtime" }, then: effect }));
    await emulator.control({ reset: true });
    await emulator.control({ faults });
    const results = /** @type {number[]} */ ([]);
    const dropped = /** @type {number[]} */ ([]);
    const errors = /** @type {any[]} */ ([]);
    const connection = fal.realtime.connect("emulator/echo", {
      outbox: "queue",
      throttleInterval: roll(3),
      onResult: ({ n }) => results.push(n),
      onDrop: ({ n }, reason) => void (reason === "closed" || dropped.push(n)),
      onError: (error) => errors.push(error),
    });
    for (let n = 0; n < MESSAGES; n++) {
      connection.send({ n });
      if (roll(2)) await new Promise((resolve) => setTimeout(resolve, roll(4)));
    }
    const told = () => JSON.stringify({ life, then, results, dropped, errors: errors.map(({ code }) => code) });
    const last = () => results.at(-1) === MESSAGES - 1;
    await until(() => results.length + dropped.length === MESSAGES || last() || errors.length > 0 || quiet(then));
    await until(() => WebSocket.all.every(({ readyState }) => readyState !== WebSocket.CONNECTING));
    connection.close();
    assert.deepEqual(
      results,
      [...results].sort((a, b) => a - b),
      told(),
    );
    assert.equal(new Set([...results, ...dropped]).size, results.length + dropped.length, told());
    assert.ok(dropped.length === 0 || errors.length > 0, told());
    const complete = results.length === MESSAGES;
    assert.ok(complete || errors.length > 0 || quiet(then), `lost in silence: ${told()}`);
    await until(() => WebSocket.all.every(({ readyState }) => readyState === WebSocket.CLOSED));
    answered += results.length;
  }
  assert.ok(answered > LIVES, `${answered} answers`);
});

/** An orderly end may leave what was sent unanswered: that is the app's own way. @param {any[]} then */
const quiet = (then) => then.some((effect) => effect?.close === 1000);
