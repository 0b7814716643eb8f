/**
 * Growth: 1 to 1,000 `subscribe` at once. The jobs take half a second each, all at the same time, so what is more than that is the client's
 * and the server's work. Memory is that of a process of its own in which all of them wait, less what it had before.
 */

import { H2CClient, fetch as fetchOverHttp2 } from "undici";

import { redirected, startEmulator } from "../scripts/lib/emulator.mjs";
import { path, run } from "../scripts/lib/run.mjs";
import { ACCOUNTS } from "../tests/lib/keys.mjs";
import { clientsWith } from "./lib/clients.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate, median, msOf } from "./lib/stats.mjs";

const RUN_MS = 500;

/** As many requests at a time as the emulator takes on a connection of HTTP/2. */
const AT_ONCE = 200;

/** Growth up to this ratio counts as linear: the cost per job in the second step, divided by that in the first. */
const LINEAR = 1.5;

const SIDES = /** @type {const} */ (["ours", "theirs"]);

/** @typedef {"ours" | "theirs"} Side */

/** @param {{ quick: boolean }} options */
export const bench = async (options) => [...(await atOnce(options)), ...(await overHttp2(options))];

/** A connection for each that waits. @param {{ quick: boolean }} options */
async function atOnce({ quick }) {
  const sizes = quick ? [1, 5, 20] : [1, 100, 1_000];
  const [one = 0, some = 0, most = 0] = sizes;
  const emulator = await startEmulator({ keys: ACCOUNTS });
  try {
    const clients = clientsWith(emulator.fetch);
    const together = (/** @type {Side} */ side, /** @type {number} */ count) => () =>
      subscribed(emulator, clients[side], count);
    const rounds = { rounds: quick ? 1 : 5, warm: quick ? 0 : 1 };
    const { rows, added } = await growth("subscribe at once", sizes, rounds, together);
    const step = (/** @type {number} */ at) => ({ ours: [added.ours[at] ?? NaN], theirs: [added.theirs[at] ?? NaN] });
    return [
      ...rows,
      rowOf(`9. what a job adds, ${one} to ${some}`, "ms", step(0)),
      rowOf(`9. what a job adds, ${some} to ${most}`, "ms", step(1)),
      linearRow("9. the second by the first (1: linear)", added.ours),
      await memoryRow(emulator, most, quick ? 1 : 4),
    ];
  } finally {
    emulator.stop();
  }
}

/**
 * The same over one connection of HTTP/2, which carries two hundred requests at a time: the streams of those that wait take turns
 * with what is to be submitted. Of the emulator's two servers the native one speaks it.
 *
 * @param {{ quick: boolean }} options
 */
async function overHttp2({ quick }) {
  const sizes = quick ? [1, 5, 20] : [100, 1_000, 10_000];
  const emulator = await startEmulator({ keys: ACCOUNTS, kind: "native" });
  try {
    const together = (/** @type {Side} */ side, /** @type {number} */ count) => async () => {
      const dispatcher = new H2CClient(emulator.url, { pipelining: AT_ONCE, maxConcurrentStreams: AT_ONCE });
      const send = (/** @type {any} */ input, /** @type {any} */ init) =>
        fetchOverHttp2(redirected(String(input), emulator.url), { ...init, dispatcher });
      return subscribed(emulator, clientsWith(send)[side], count).finally(() => dispatcher.destroy());
    };
    const rounds = { rounds: quick ? 1 : 2, warm: 0 };
    const { rows, added } = await growth("subscribe over one connection of HTTP/2", sizes, rounds, together);
    const name = "9. what a job adds over HTTP/2, the second step by the first (1: linear)";
    return [...rows, linearRow(name, added.ours)];
  } finally {
    emulator.stop();
  }
}

/**
 * How long so many jobs take that start at once, in milliseconds.
 *
 * @param {Awaited<ReturnType<typeof startEmulator>>} emulator @param {any} client @param {number} count
 */
async function subscribed(emulator, client, count) {
  await emulator.control({ reset: true, queue: { run_ms: RUN_MS, concurrency: 2 * count } });
  const subscribe = (/** @type {unknown} */ _, /** @type {number} */ n) =>
    client.subscribe("emulator/echo", { input: { n } });
  return msOf(() => Promise.all(Array.from({ length: count }, subscribe)));
}

/**
 * A row for each size, and what a job adds from each size to the next, in milliseconds.
 *
 * @param {string} title @param {number[]} sizes @param {{ rounds: number, warm: number }} rounds
 * @param {(side: Side, count: number) => () => Promise<number>} together
 */
async function growth(title, sizes, rounds, together) {
  const rows = [];
  /** @type {Record<Side, number[]>} */
  const medians = { ours: [], theirs: [] };
  for (const count of sizes) {
    const samples = await alternate({ ours: together("ours", count), theirs: together("theirs", count) }, rounds);
    rows.push(rowOf(`9. ${count} ${title}`, "ms", samples));
    for (const side of SIDES) medians[side].push(median(samples[side]));
  }
  const slopes = (/** @type {number[]} */ times) =>
    times.slice(1).map((time, at) => (time - (times[at] ?? NaN)) / ((sizes[at + 1] ?? NaN) - (sizes[at] ?? NaN)));
  return { rows, added: { ours: slopes(medians.ours), theirs: slopes(medians.theirs) } };
}

/** What a job adds in the second step, by what it adds in the first. @param {string} name @param {number[]} added */
const linearRow = (name, [first = NaN, second = NaN]) =>
  rowOf(name, "times", { ours: [second / first] }, { most: LINEAR, alone: true });

/** @param {Awaited<ReturnType<typeof startEmulator>>} emulator @param {number} count @param {number} rounds */
async function memoryRow(emulator, count, rounds) {
  const held = (/** @type {string} */ side) => async () => {
    await emulator.control({ reset: true, clock: "manual", queue: { concurrency: 2_000 } });
    const output = await run(process.execPath, [
      "--expose-gc",
      path("bench/lib/waiting.mjs"),
      side,
      String(count),
      emulator.url,
    ]);
    return Number(output) / count;
  };
  // The floor: a stream of the status that is read, and no client.
  const sides = { ours: held("ours"), theirs: held("theirs"), floor: held("floor") };
  const samples = await alternate(sides, { rounds, warm: 0 });
  return rowOf(`9. memory of a waiting job, of ${count}`, "kB", samples, { most: 0.7 });
}
