/**
 * `npm run bench`: ours next to the official packages, measured in turns, as one table. `npm run bench -- sse upload` measures these only,
 * `--quick` once and little, and `--write` puts the table into BENCHMARKS.md. No time makes it fail.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

import { BENCHMARKS, measured } from "../bench/lib/measured.mjs";
import { tableOf } from "../bench/lib/rows.mjs";
import { build } from "./build.mjs";
import { UserError, path, say, script } from "./lib/run.mjs";
import { chromium, emulator, npmPackages } from "./lib/setup.mjs";

/** What the table was made by and on. */
function circumstances() {
  const [first] = cpus();
  const gib = Math.round(totalmem() / 1024 ** 3);
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} × ${first?.model.trim()}, ${gib} GiB, ${process.platform} ${process.arch}`;
  return `\`npm run bench\`, ${date}, Node ${process.versions.node}, ${machine}`;
}

/** Puts the table between the marks in BENCHMARKS.md, as prettier likes it. @param {string} text */
async function write(text) {
  const { default: prettier } = await import("prettier");
  const file = path("BENCHMARKS.md");
  const marks = /(?<=<!-- table -->\n)[\s\S]*(?=<!-- end -->)/;
  const page = readFileSync(file, "utf8").replace(marks, () => `\n${text}\n\n`);
  writeFileSync(file, await prettier.format(page, { parser: "markdown", printWidth: 120 }));
}

await script(async () => {
  const args = process.argv.slice(2);
  const flags = args.filter((arg) => arg.startsWith("--"));
  const names = args.filter((arg) => !arg.startsWith("--"));
  const unknown =
    names.find((name) => !BENCHMARKS.includes(name)) ?? flags.find((flag) => !/^--(quick|write)$/.test(flag));
  if (unknown)
    throw new UserError(`There is no "${unknown}": there are ${BENCHMARKS.join(", ")}, --quick and --write.`);
  if (flags.includes("--write") && args.length > 1) throw new UserError("BENCHMARKS.md takes the whole table only.");
  await npmPackages({ tests: true });
  await build();
  // What is measured must not share its processor with a slower server.
  process.env.EMULATOR_SERVER ??= "native";
  await emulator();
  await chromium();
  const rows = [];
  for (const name of names.length > 0 ? names : BENCHMARKS) {
    say(`${name} …`);
    rows.push(...(await measured(name, { quick: flags.includes("--quick") })));
  }
  const table = tableOf(rows);
  console.log(table);
  const text = `${circumstances()}:\n\n${table}`;
  if (flags.includes("--write")) await write(text);
});
