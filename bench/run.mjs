/**
 * CPU time of a `run` whose `fetch` answers at once: what the client itself costs. In Node it is the time of the process; in workerd,
 * whose clocks stand still inside of a request, it is the time of its process for requests that run many times each.
 */

import { path } from "../scripts/lib/run.mjs";
import { startWorker } from "../scripts/lib/worker.mjs";
import { KEY } from "../tests/lib/keys.mjs";
import { ANSWER, INPUT, clientsWith } from "./lib/clients.mjs";
import { cpuOf, workerd } from "./lib/process.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate } from "./lib/stats.mjs";

/** @param {{ quick: boolean }} options */
export const bench = async (options) => [await inNode(options), ...(await inWorkerd(options))];

const instant = async () => new Response(ANSWER, { headers: { "content-type": "application/json" } });

/** The same without a client. */
async function bare() {
  const headers = { authorization: `Key ${KEY}`, accept: "application/json", "content-type": "application/json" };
  const response = await /** @type {any} */ (instant)("https://fal.run/fal-ai/flux/dev", {
    method: "POST",
    headers,
    body: JSON.stringify(INPUT),
  });
  return response.json();
}

/** @param {{ quick: boolean }} options */
async function inNode({ quick }) {
  const [rounds, runs] = quick ? [1, 100] : [40, 2_000];
  const { ours, theirs } = clientsWith(instant);
  const cpu = (/** @type {() => Promise<any>} */ run) => async () => {
    const before = process.cpuUsage();
    for (let count = 0; count < runs; count += 1) await run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / runs;
  };
  const run = (/** @type {any} */ client) => cpu(() => client.run("fal-ai/flux/dev", { input: INPUT }));
  const sides = { ours: run(ours), theirs: run(theirs), floor: cpu(bare) };
  return rowOf("2. CPU of a run, Node", "µs", await alternate(sides, { rounds, warm: quick ? 0 : 4 }), { most: 0.75 });
}

/** @param {{ quick: boolean }} options */
async function inWorkerd({ quick }) {
  const [rounds, runs] = quick ? [1, 100] : [20, 5_000];
  const bindings = { FAL_KEY: KEY, ANSWER, INPUT: JSON.stringify(INPUT) };
  const worker = await startWorker(path("bench/apps/run-worker.js"), { emulator: "http://127.0.0.1:9", bindings });
  try {
    const pid = workerd();
    const cpu = (/** @type {string} */ side) => async () => {
      const before = cpuOf(pid);
      const response = await worker.fetch(`/${side}?runs=${runs}`);
      if ((await response.text()) !== String(runs)) throw new Error("The worker did not do its runs.");
      return ((cpuOf(pid) - before) * 1_000) / runs;
    };
    const sides = { ours: cpu("ours"), theirs: cpu("theirs"), floor: cpu("floor") };
    const samples = await alternate(sides, { rounds, warm: quick ? 0 : 4 });
    return [rowOf("2. CPU of a run, workerd", "µs", samples, { most: 0.75 })];
  } finally {
    await worker.stop();
  }
}
