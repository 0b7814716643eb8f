/**
 * The proxy in workerd next to the Hono adapter of the official one, in the same worker, behind the same router: small JSON, sixteen at a
 * time, and 50 MB each way. What a proxy adds is its CPU time less that of a route which only fetches.
 */

import { startEmulator } from "../scripts/lib/emulator.mjs";
import { path } from "../scripts/lib/run.mjs";
import { startWorker } from "../scripts/lib/worker.mjs";
import { ACCOUNTS, KEY } from "../tests/lib/keys.mjs";
import { startUpstream, writeBytes } from "../tests/lib/upstream.mjs";
import { INPUT } from "./lib/clients.mjs";
import { many, send } from "./lib/load.mjs";
import { cpuOf, forgetPeak, peakOf, rssOf, workerd } from "./lib/process.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate } from "./lib/stats.mjs";

const LARGE = 50e6;
const SIDES = /** @type {const} */ (["ours", "theirs", "floor"]);
const HEADERS = { "x-fal-target-url": "https://fal.run/emulator/echo", "content-type": "application/json" };

/** @param {{ quick: boolean }} options */
export const bench = async ({ quick }) => [
  ...(await small(quick)),
  ...(await patterns(quick)),
  ...(await large(quick)),
];

/** @param {string} emulator */
async function started(emulator) {
  const options = { emulator, bindings: { FAL_KEY: KEY }, flags: ["nodejs_compat"] };
  const worker = await startWorker(path("bench/apps/proxy-worker.js"), options);
  return { worker, pid: workerd() };
}

/** @param {boolean} quick */
async function small(quick) {
  const [rounds, count] = quick ? [1, 64] : [12, 2_000];
  const emulator = await startEmulator({ keys: ACCOUNTS });
  await emulator.control({ queue: { run_ms: 0 } });
  const { worker, pid } = await started(emulator.url);
  const body = JSON.stringify(INPUT);
  /** @type {Record<string, number[]>} */
  const cpu = { ours: [], theirs: [], floor: [] };
  try {
    const turn = (/** @type {string} */ side) => async () => {
      const [before, began] = [cpuOf(pid), performance.now()];
      await many(count, () => send(`${worker.url}/${side}`, HEADERS, body));
      const seconds = (performance.now() - began) / 1_000;
      cpu[side]?.push(((cpuOf(pid) - before) * 1_000) / count);
      return count / seconds;
    };
    const sides = { ours: turn("ours"), theirs: turn("theirs"), floor: turn("floor") };
    const rate = await alternate(sides, { rounds, warm: quick ? 0 : 2 });
    for (const side of SIDES) cpu[side]?.splice(0, cpu[side].length - rounds);
    const added = (/** @type {string} */ side) =>
      (cpu[side] ?? []).map((value, round) => Math.max(0.1, value - (cpu.floor?.[round] ?? 0)));
    // More requests in the same time of a processor: how often ours fits into theirs.
    const name = "7. proxy, small JSON";
    return [
      rowOf(`${name}, rate`, "requests/s", rate, { least: 1.05 }),
      rowOf(`${name}, CPU of a request`, "µs", /** @type {any} */ (cpu), { most: 1 }),
      rowOf(`${name}, CPU it adds`, "µs", { ours: added("ours"), theirs: added("theirs") }),
    ];
  } finally {
    await worker.stop();
    emulator.stop();
  }
}

/** What a long policy costs a request: ours with 200 patterns against ours with one. @param {boolean} quick */
async function patterns(quick) {
  const [rounds, count] = quick ? [1, 64] : [12, 2_000];
  const emulator = await startEmulator({ keys: ACCOUNTS });
  await emulator.control({ queue: { run_ms: 0 } });
  const { worker, pid } = await started(emulator.url);
  const body = JSON.stringify(INPUT);
  try {
    const turn = (/** @type {string} */ route) => async () => {
      const before = cpuOf(pid);
      await many(count, () => send(`${worker.url}/${route}`, HEADERS, body));
      return Math.max(0.1, ((cpuOf(pid) - before) * 1_000) / count);
    };
    const { long, short } = await alternate(
      { long: turn("patterns"), short: turn("ours") },
      { rounds, warm: quick ? 0 : 2 },
    );
    const name = "7. proxy, CPU of a run with 200 patterns (theirs: ours with one)";
    return [rowOf(name, "µs", { ours: long, theirs: short }, { most: 1.1 })];
  } finally {
    await worker.stop();
    emulator.stop();
  }
}

/** @param {boolean} quick */
async function large(quick) {
  const size = quick ? 1e6 : LARGE;
  const rounds = quick ? 1 : 8;
  const upstream = await startUpstream((request, response) => {
    if (request.url?.endsWith("large")) {
      request.resume();
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": size });
      return writeBytes(response, size);
    }
    request.resume().on("end", () => response.end("{}"));
  });
  const { worker, pid } = await started(upstream.url);
  const rows = [];
  try {
    const upload = Buffer.from(JSON.stringify({ image_url: `data:image/png;base64,${"A".repeat(size)}` }));
    for (const [name, target, body] of /** @type {[string, string, Buffer | string][]} */ ([
      ["an answer", "https://fal.run/emulator/large", "{}"],
      ["an input", "https://fal.run/emulator/echo", upload],
    ])) {
      /** @type {Record<string, number[]>} */
      const memory = { ours: [], theirs: [], floor: [] };
      /** @type {Record<string, number[]>} */
      const cpu = { ours: [], theirs: [], floor: [] };
      const turn = (/** @type {string} */ side) => async () => {
        const [before, base] = [cpuOf(pid), rssOf(pid)];
        forgetPeak(pid);
        const began = performance.now();
        await send(`${worker.url}/${side}`, { ...HEADERS, "x-fal-target-url": target }, body);
        const ms = performance.now() - began;
        memory[side]?.push(peakOf(pid) - base);
        cpu[side]?.push(cpuOf(pid) - before);
        return size / 1e6 / (ms / 1_000);
      };
      const sides = { ours: turn("ours"), theirs: turn("theirs"), floor: turn("floor") };
      const rate = await alternate(sides, { rounds, warm: quick ? 0 : 1 });
      for (const side of SIDES) for (const list of [memory[side], cpu[side]]) list?.splice(0, list.length - rounds);
      const title = `7. proxy, ${name} of ${size / 1e6} MB`;
      rows.push(
        rowOf(`${title}, rate`, "MB/s", rate, { least: 1 }),
        rowOf(`${title}, CPU`, "ms", /** @type {any} */ (cpu)),
        rowOf(`${title}, peak memory above baseline`, "MiB", /** @type {any} */ (memory), { most: 16, alone: true }),
      );
    }
    return rows;
  } finally {
    await worker.stop();
    upstream.stop();
  }
}
