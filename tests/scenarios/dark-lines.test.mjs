/** Lines that go dark: a socket that says nothing any more, is not closed, and takes what is sent all the same. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { socketsOf } from "../lib/socket.mjs";

const SCENARIOS = 40;
/** Longest silence after a message, in milliseconds. */
const SILENCE = 60;

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

/**
 * Sockets of which the first ones go dark.
 *
 * @param {number} lines How many do. @param {number} messages What comes before.
 */
const darkening = (lines, messages) => {
  let opened = 0;
  return class extends socketsOf(emulator.url) {
    #left = opened++ < lines ? messages : Infinity;

    /** @param {string} event @param {any[]} args */
    emit(event, ...args) {
      if (event === "message") this.#left -= 1;
      const isDark = this.#left < 0 || (this.#left === 0 && event === "close" && !this.isLeft);
      return isDark ? false : super.emit(event, ...args);
    }

    isLeft = false;

    /** @param {[number?, string?]} why */
    close(...why) {
      this.isLeft = true;
      super.close(...why);
    }
  };
};

test("nothing is lost on a dark line without a word, and what comes later has a line of its own", async () => {
  for (let seed = 1; seed <= SCENARIOS; seed++) {
    const [lines, messages] = [1 + (seed % 3), seed % 5];
    await emulator.control({ reset: true });
    const WebSocket = darkening(lines, messages);
    const fal = createFalClient({
      env: { FAL_KEY: KEY },
      fetch: emulator.fetch,
      WebSocket,
      retry: { baseDelay: 1, maxDelay: 2 },
    });
    /** @type {number[]} */
    const [answered, dropped] = [[], []];
    /** @type {any[]} */
    const errors = [];
    const connection = fal.realtime.connect("emulator/echo", {
      throttleInterval: 0,
      timeout: SILENCE,
      onResult: (/** @type {any} */ { n }) => answered.push(n),
      onError: (/** @type {any} */ error) => errors.push(error),
      onDrop: (/** @type {any} */ { n }) => dropped.push(n),
    });
    let n = 0;
    // One at a time: a line that has said something since a message was sent is not dark yet, whatever else is unanswered.
    for (let isAnswered = false; !isAnswered || WebSocket.all.length <= lines; n++) {
      assert.ok(n <= lines * (messages + 2), `SEED=${seed}: ${n} messages, ${answered.length} answers`);
      const failures = errors.length;
      connection.send({ n });
      await until(() => errors.length > failures || answered.at(-1) === n, { every: 5 });
      isAnswered = errors.length === failures;
    }
    assert.equal(WebSocket.all.length, lines + 1, `SEED=${seed}: a line for each that went dark, and one more`);
    assert.equal(errors.length, lines, `SEED=${seed}: each silence is told of once`);
    for (const { code, retryable } of errors) assert.deepEqual([code, retryable], ["stream_stalled", true]);
    assert.deepEqual(
      [...answered].sort((a, b) => a - b),
      [...new Set(answered)].sort((a, b) => a - b),
      "once each",
    );
    assert.ok(answered.length + dropped.length <= n && answered.includes(n - 1), `SEED=${seed}: the last is answered`);
    connection.close();
    await until(() => WebSocket.all.every(({ readyState }) => readyState >= WebSocket.CLOSING));
  }
});
