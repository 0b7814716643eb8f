/** `fal-wasm doctor`: runs an examination and prints its report, for people or as JSON. */

import { statSync } from "node:fs";

import { type Arguments, UsageError, parse } from "./arguments.ts";
import { examine } from "./examine.ts";
import { written } from "./report.ts";

export const USAGE = `       fal-wasm doctor [folder] [--key]   looks for fal keys, and for what would publish one, in the builds of a project

  --key           also asks fal whether the key in the environment works, its scope and, for an ADMIN key, whose it is:
                  one call, which is free
  --json          answers for programs

  Ends with 0 when there is nothing to mend, with 1 when there is, and with 2 when there is no build to look at.
`;

export const NAMES = ["doctor"];

export const isCommand = (word: string | undefined): boolean => word === "doctor";

/** The folder that was given. */
function folderOf({ positionals: [folder = "."] }: Arguments): string {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`"${folder}" is no folder.`);
  return folder;
}

/** Resolves to the exit code: 0, 1 when something was found, 2 when there is no build or the arguments are invalid. */
export async function run([, ...args]: string[]): Promise<number> {
  try {
    const given = parse(args, { json: "flag", key: "flag" }, 1);
    const report = await examine(folderOf(given), { key: given.has("key") });
    process.stdout.write(given.has("json") ? `${JSON.stringify(report, null, 2)}\n` : written(report));
    if (report.findings.length > 0) return 1;
    return report.ok ? 0 : 2;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`Usage:\n${USAGE}\n${error.message}\n`);
    return 2;
  }
}
