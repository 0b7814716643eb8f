/** `fal-wasm migrate`: changes the imports of an app from the official client to this one, and says what else there is to do. */

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { agrees } from "./agree.ts";
import { UsageError, parse } from "./arguments.ts";
import { type Rewritten, rewrite } from "./migrate/rewrite.ts";
import { sourcesOf } from "./migrate/sources.ts";
import { print } from "./print.ts";

export const USAGE = `       fal-wasm migrate [folder]   imports fal-wasm where an app imports @fal-ai/client, and says what else
                                   there is to do; shows what it would change, and asks

  --dry-run           shows it, and writes nothing
  --yes               writes it without asking

  Only the names of imported modules are changed. Ends with 0 when that was done or there is nothing to do, with 1 when
  nothing was written, with 2 when the folder cannot be read.
`;

export const NAMES = ["migrate"];

export const isCommand = (word: string | undefined): boolean => word === "migrate";

interface Source extends Rewritten {
  file: string;
}

const shown = ({ file, changes, notes }: Source): string =>
  [
    file,
    ...changes.flatMap(({ line, before, after }) => [`${line} - ${before.trim()}`, `${line} + ${after.trim()}`]),
    ...notes.map(({ line, text }) => `${line} ! ${text}`),
    "",
  ].join("\n");

/** Steps that are no lines of a source file. */
function stepsOf(folder: string, sources: Source[]): string[] {
  let manifest: { dependencies?: object; devDependencies?: object } = {};
  try {
    manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    // Not the folder of a package: the dependencies are another's.
  }
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const keepsTypes = sources.some(({ text }) => text.includes("fal-wasm/endpoints"));
  const old = packages.filter(
    (name) =>
      /^@fal-ai\/(client|serverless-client|server-proxy)$/.test(name) && !(keepsTypes && name === "@fal-ai/client"),
  );
  const steps: string[] = [];
  if (!packages.includes("fal-wasm")) steps.push("npm install fal-wasm");
  if (old.length > 0)
    steps.push(`npm uninstall ${old.join(" ")}, when nothing imports ${old.length > 1 ? "them" : "it"} any more`);
  if (keepsTypes)
    steps.push('Keep @fal-ai/client as a development dependency: "fal-wasm/endpoints" has its types from there.');
  steps.push("npx fal-wasm doctor, after the next build: it looks for keys in what browsers get.");
  return steps;
}

export async function run([, ...args]: string[]): Promise<number> {
  try {
    const given = parse(args, { "dry-run": "flag", yes: "flag" }, 1);
    const [folder = "."] = given.positionals;
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`"${folder}" is no folder.`);
    const sources = [...sourcesOf(folder)]
      .map(({ file, text }): Source => ({ file, ...rewrite(text) }))
      .filter(({ changes, notes }) => changes.length + notes.length > 0);
    if (sources.length === 0) {
      print("Nothing here imports @fal-ai/client or @fal-ai/server-proxy.");
      return 0;
    }
    print(sources.map(shown).join("\n"));
    const changed = sources.filter(({ changes }) => changes.length > 0);
    const isWritten = changed.length > 0 && !given.has("dry-run");
    if (isWritten) {
      const question = `Change ${changed.length === 1 ? "this file" : `these ${changed.length} files`}?`;
      if (!given.has("yes") && !(await agrees(question))) return 1;
      for (const { file, text } of changed) writeFileSync(join(folder, file), text);
    }
    const steps = stepsOf(folder, sources);
    const look = sources.some(({ notes }) => notes.length > 0)
      ? " Look at the lines with a `!`, and then:"
      : " What is left:";
    print(
      `${isWritten ? "Written." : "Nothing was written."}${look}\n${steps.map((step, at) => `  ${at + 1}. ${step}`).join("\n")}`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`Usage:\n${USAGE}\n${error.message}\n`);
    return 2;
  }
}
