/**
 * `npm run matrix`: the package, packed and installed wherever it is to work, doing the same there; and a table of it.
 * `npm run matrix -- vite` runs what has that in its name.
 */

import { build } from "./build.mjs";
import { UserError, say, script } from "./lib/run.mjs";
import { emulatorPackage } from "./lib/emulator-package.mjs";
import { chromium, npmPackages } from "./lib/setup.mjs";

/** As many at a time as two cores bear. */
const AT_A_TIME = 2;

/** @param {{ group: string, name: string, result: string, why: string, seconds: number }[]} outcomes */
function table(outcomes) {
  const word = (/** @type {any} */ { result, why }) =>
    result === "ok" ? "ok" : `${result === "failed" ? "FAILED" : result}: ${why.split("\n")[0].slice(0, 100)}`;
  const rows = outcomes.map((one) => [one.group, one.name, word(one), one.seconds.toFixed(1)]);
  const all = [["group", "cell", "result", "seconds"], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  for (const row of all) {
    const line = row.map((text, column) => (column === 3 ? text.padStart(widths[3]) : text.padEnd(widths[column])));
    console.log(line.join("  ").trimEnd());
  }
}

// What was started ends with this process, whatever ends it.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

await script(async () => {
  await npmPackages({ tests: true });
  await build();
  await emulatorPackage();
  await chromium();
  // Their packages are there only now.
  const { cells, outcomeOf } = await import("../tests/matrix/lib/cells.mjs");
  const { openKit } = await import("../tests/matrix/lib/kit.mjs");
  const filter = process.argv.slice(2).join(" ");
  const all = await cells(filter);
  if (all.length === 0) throw new UserError(`No cell has "${filter}" in its name.`);
  const kit = await openKit();
  /** @type {import("../tests/matrix/lib/cells.mjs").Outcome[]} */
  const outcomes = new Array(all.length);
  let next = 0;
  const work = async () => {
    for (let index = next++; index < all.length; index = next++) {
      const { error, ...outcome } = await outcomeOf(all[index], kit);
      outcomes[index] = outcome;
      say(`${outcome.group}: ${outcome.name}: ${outcome.result} ${outcome.why} (${outcome.seconds} s)`);
      if (error) say(String(error.stack));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  } finally {
    await kit.close();
  }
  table(outcomes);
  const count = (/** @type {string} */ result) => outcomes.filter((outcome) => outcome.result === result).length;
  console.log(`\n${count("ok")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  if (count("failed") > 0) process.exitCode = 1;
});
