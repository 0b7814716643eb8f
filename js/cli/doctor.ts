/** `fal-wasm doctor`: an examination, told to people or to programs. */

import { statSync } from "node:fs";
import { parseArgs } from "node:util";

import { examine } from "./examine.ts";
import { written } from "./report.ts";

export const USAGE = `       fal-wasm doctor [folder] [--key]   looks for fal keys, and for what would publish one, in the builds of a project

  --key           also asks fal whether the key in the environment works, and its scope: one call, which is free
`;

/** @param {string | undefined} word */
export const isCommand = (word) => word === "doctor";

const flag = /** @type {const} */ ({ type: "boolean" });

/** What was asked for; undefined when it makes no sense. @param {string[]} args */
function read(args) {
  try {
    const { values, positionals } = parseArgs({ args, options: { json: flag, key: flag }, allowPositionals: true });
    const [folder = ".", ...rest] = positionals;
    return rest.length === 0 && statSync(folder).isDirectory() ? { ...values, folder } : undefined;
  } catch {
    return undefined;
  }
}

/** Resolves to what the program ends with: 0, 1 when something was found, 2 when it was called wrongly. @param {string[]} args */
export async function run([, ...args]) {
  const asked = read(args);
  if (!asked) {
    process.stderr.write(`Usage:\n${USAGE}`);
    return 2;
  }
  const report = await examine(asked.folder, { key: asked.key === true });
  process.stdout.write(asked.json ? `${JSON.stringify(report, null, 2)}\n` : written(report));
  return report.ok ? 0 : 1;
}
