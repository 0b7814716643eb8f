/**
 * From the moment a job is done on the server to its result in the caller's hand, by `subscribe` as it comes. Runs take times of all
 * kinds, so that a client that asks again and again is asked about all its moments.
 */

import { startEmulator } from "../scripts/lib/emulator.mjs";
import { ACCOUNTS } from "../tests/lib/keys.mjs";
import { clientsWith } from "./lib/clients.mjs";
import { ROUND_TRIP_MS, startRelay } from "./lib/relay.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate } from "./lib/stats.mjs";

/** The official client asks every half second: times are spread over two of those. */
const [SHORTEST_MS, SPREAD_MS] = [300, 1_000];

/** The time of day, as exactly as it can be had. The emulator's is of the same machine, in whole milliseconds. */
const now = () => performance.timeOrigin + performance.now();

/** @param {{ quick: boolean }} options */
export async function bench({ quick }) {
  const emulator = await startEmulator({ keys: ACCOUNTS });
  const relay = await startRelay(emulator.url, { roundTripMs: ROUND_TRIP_MS });
  let turn = 0;

  /** @param {any} client */
  const late = (client) => async () => {
    // The golden ratio spreads evenly, however many there are, and both sides of a round get the same time.
    const run_ms = Math.round(SHORTEST_MS + (((turn >> 1) * 0.618034) % 1) * SPREAD_MS);
    turn += 1;
    await emulator.control({ queue: { run_ms } });
    const { requestId } = await client.subscribe("emulator/echo", { input: { a: 1 } });
    const inHand = now();
    const { jobs } = await emulator.seen();
    const job = jobs.find((/** @type {any} */ { request_id }) => request_id === requestId);
    return inHand - job.ended_ms;
  };
  try {
    const near = clientsWith(emulator.fetch);
    const far = clientsWith(relay.fetch);
    const sides = (/** @type {typeof near} */ { ours, theirs }) => ({ ours: late(ours), theirs: late(theirs) });
    const options = { rounds: quick ? 1 : 16, warm: quick ? 0 : 2 };
    const rows = [rowOf("3. job done to result in hand", "ms", await alternate(sides(near), options), { most: 0.1 })];
    turn = 0;
    const samples = await alternate(sides(far), options);
    return [...rows, rowOf(`3. the same, ${ROUND_TRIP_MS} ms away`, "ms", samples)];
  } finally {
    relay.stop();
    emulator.stop();
  }
}
