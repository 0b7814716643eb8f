/**
 * `npm run bench`: ours next to the official packages, measured in turns, as one table. `npm run bench -- sse upload` measures these only,
 * `--quick` once and little, and `--write` puts the table into BENCHMARKS.md. No time makes it fail.
 */

import { build } from "./build.mjs";
import { path, run, say, script, UserError } from "./lib/run.mjs";
import { emulator } from "./lib/setup.mjs";
import { tableOf } from "../bench/lib/rows.mjs";

/** In the order of their numbers; each is a file of `bench/`. */
const BENCHMARKS = ["import", "run", "wakeup", "sse", "upload", "msgpack", "proxy", "coldstart", "growth"];

/** Measures one of them, in a process of its own. @param {string} name @param {boolean} quick */
async function measured(name, quick) {
  say(`${name} …`);
  const args = ["--expose-gc", "--no-warnings", path("bench/lib/one.mjs"), name, ...(quick ? ["quick"] : [])];
  const output = await run(process.execPath, args);
  return /** @type {import("../bench/lib/rows.mjs").Row[]} */ (JSON.parse(output));
}

await script(async () => {
  const args = process.argv.slice(2);
  const names = args.filter((arg) => !arg.startsWith("--"));
  const unknown = names.find((name) => !BENCHMARKS.includes(name));
  if (unknown) throw new UserError(`There is no benchmark "${unknown}": there are ${BENCHMARKS.join(", ")}.`);
  await build();
  await emulator();
  const rows = [];
  for (const name of names.length > 0 ? names : BENCHMARKS)
    rows.push(...(await measured(name, args.includes("--quick"))));
  console.log(tableOf(rows));
});
