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

/** @param {{ quick: boolean }} options */
export async function bench({ quick }) {
  const [one, some, most] = quick ? [1, 5, 20] : [1, 100, 1_000];
  const emulator = await startEmulator({ keys: ACCOUNTS });
  try {
    const clients = clientsWith(emulator.fetch);
    const together = (/** @type {any} */ client, /** @type {number} */ count) => async () => {
      await emulator.control({ reset: true, queue: { run_ms: RUN_MS, concurrency: 2_000 } });
      const all = Array.from({ length: count }, (_, n) => client.subscribe("emulator/echo", { input: { n } }));
      return msOf(() => Promise.all(all));
    };
    const rows = [];
    /** @type {Map<number, Record<"ours" | "theirs", number[]>>} */
    const times = new Map();
    for (const count of [one, some, most]) {
      const sides = { ours: together(clients.ours, count), theirs: together(clients.theirs, count) };
      const samples = await alternate(sides, { rounds: quick ? 1 : 5, warm: quick ? 0 : 1 });
      times.set(count, samples);
      rows.push(rowOf(`9. ${count} subscribe at once`, "ms", samples));
    }
    /** What a job adds, in milliseconds, between two sizes. @param {"ours" | "theirs"} side @param {number} from @param {number} to */
    const slope = (side, from, to) =>
      (median(times.get(to)?.[side] ?? []) - median(times.get(from)?.[side] ?? [])) / (to - from);
    const each = (/** @type {number} */ from, /** @type {number} */ to) => ({
      ours: [slope("ours", from, to)],
      theirs: [slope("theirs", from, to)],
    });
    const linear = slope("ours", some, most) / slope("ours", one, some);
    return [
      ...rows,
      rowOf(`9. what a job adds, ${one} to ${some}`, "ms", each(one, some)),
      rowOf(`9. what a job adds, ${some} to ${most}`, "ms", each(some, most)),
      rowOf("9. the second by the first (1: linear)", "times", { ours: [linear] }, { most: LINEAR, alone: true }),
      await memoryRow(emulator, most, quick ? 1 : 4),
      ...(await overHttp2(quick)),
    ];
  } finally {
    emulator.stop();
  }
}

/**
 * The same over one connection of HTTP/2, which carries two hundred requests at a time: the streams of those that wait take turns
 * with what is to be submitted. Of the emulator's two servers the native one speaks it.
 *
 * @param {boolean} quick
 */
async function overHttp2(quick) {
  const [few, some, most] = quick ? [1, 5, 20] : [100, 1_000, 10_000];
  const emulator = await startEmulator({ keys: ACCOUNTS, kind: "native" });
  const together = (/** @type {"ours" | "theirs"} */ side, /** @type {number} */ count) => async () => {
    await emulator.control({ reset: true, queue: { run_ms: RUN_MS, concurrency: 2 * most } });
    const dispatcher = new H2CClient(emulator.url, { pipelining: AT_ONCE, maxConcurrentStreams: AT_ONCE });
    const send = (/** @type {any} */ input, /** @type {any} */ init) =>
      fetchOverHttp2(redirected(String(input), emulator.url), { ...init, dispatcher });
    const client = clientsWith(send)[side];
    const subscribe = (/** @type {unknown} */ _, /** @type {number} */ n) =>
      client.subscribe("emulator/echo", { input: { n } });
    const all = () => Promise.all(Array.from({ length: count }, subscribe));
    return msOf(all).finally(() => dispatcher.destroy());
  };
  try {
    const rows = [];
    const medians = [];
    for (const count of [few, some, most]) {
      const sides = { ours: together("ours", count), theirs: together("theirs", count) };
      const samples = await alternate(sides, { rounds: quick ? 1 : 2, warm: 0 });
      medians.push(median(samples.ours));
      rows.push(rowOf(`9. ${count} subscribe over one connection of HTTP/2`, "ms", samples));
    }
    const [first = 0, second = 0, third = 0] = medians;
    const linear = (third - second) / (most - some) / ((second - first) / (some - few));
    const name = "9. what a job adds over HTTP/2, the second step by the first (1: linear)";
    return [...rows, rowOf(name, "times", { ours: [linear] }, { most: LINEAR, alone: true })];
  } finally {
    emulator.stop();
  }
}

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
