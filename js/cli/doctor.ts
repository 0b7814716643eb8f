/** `fal-wasm doctor`: runs an examination and prints its report, for people or as JSON. */

import { statSync } from "node:fs";
import { parseArgs } from "node:util";

import { examine } from "./examine.ts";
import { written } from "./report.ts";

export const USAGE = `       fal-wasm doctor [folder] [--key]   looks for fal keys, and for what would publish one, in the builds of a project

  --key           also asks fal whether the key in the environment works, and its scope: one call, which is free
`;

export const isCommand = (word: string | undefined): boolean => word === "doctor";

const flag = { type: "boolean" } as const;

/** The parsed arguments; undefined when they are invalid. */
function parse(args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options: { json: flag, key: flag }, allowPositionals: true });
    const [folder = ".", ...rest] = positionals;
    return rest.length === 0 && statSync(folder).isDirectory() ? { ...values, folder } : undefined;
  } catch {
    return undefined;
  }
}

/** Resolves to the exit code: 0, 1 when something was found, 2 when the arguments are invalid. */
export async function run([, ...args]: string[]): Promise<number> {
  const options = parse(args);
  if (!options) {
    process.stderr.write(`Usage:\n${USAGE}`);
    return 2;
  }
  const report = await examine(options.folder, { key: options.key === true });
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : written(report));
  return report.ok ? 0 : 1;
}
