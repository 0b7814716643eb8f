/** Ten thousand connections leave nothing behind: neither in JavaScript nor in the core. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { socketsOf } from "../lib/socket.mjs";

/** The memories of the core. @type {WebAssembly.Memory[]} */
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = /** @type {any} */ (
  class extends Instance {
    /** @param {[WebAssembly.Module, WebAssembly.Imports]} args */
    constructor(...args) {
      super(...args);
      memories.push(/** @type {any} */ (this.exports.memory));
    }
  }
);
const { createFalClient } = await import("fal-wasm");

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());
const WebSocket = socketsOf(emulator.url);
const fal = createFalClient({ env: { FAL_KEY: KEY }, WebSocket });

/** Opens a connection, lets it be answered and closes it; every hundredth before it is open. @param {number} number */
const once = (number) =>
  new Promise((resolve, reject) => {
    const connection = fal.realtime.connect("emulator/echo", {
      connectionKey: `${number}`,
      onError: reject,
      onResult() {
        connection.close();
        resolve(undefined);
      },
    });
    connection.send({ number, bytes: new Uint8Array(100) });
    if (number % 100) return;
    connection.close();
    resolve(undefined);
  });

/** @param {number} count */
async function connections(count) {
  let next = 0;
  const worker = async () => {
    while (next < count) await once(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  // Sockets that are closing are still somebody's.
  await until(() => WebSocket.all.every(({ readyState }) => readyState === WebSocket.CLOSED));
  WebSocket.all.splice(0);
}

const used = () => {
  collect();
  return process.memoryUsage().heapUsed;
};
const core = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

test("ten thousand connections leave nothing behind", { timeout: 240_000 }, async () => {
  await connections(2_000);
  const before = [used(), core()];
  await connections(8_000);
  await until(() => used() - before[0] < 500_000);
  assert.equal(core(), before[1], "the core grew");
});
