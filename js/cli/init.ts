/** `fal-wasm init`: adds the proxy, a client and a place for the key to an app. Shows what it would write, and asks. */

import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { agrees } from "./agree.ts";
import { UsageError, parse, unknown } from "./arguments.ts";
import { detect } from "./init/detect.ts";
import { type Plan, planOf } from "./init/plan.ts";
import { FRAMEWORKS, type Framework } from "./init/templates.ts";
import { print } from "./print.ts";

export const USAGE = `       fal-wasm init [folder]   adds the proxy, a client and a place for the key to an app of
                                ${FRAMEWORKS.join(", ")}; shows what it would write, and asks

  --framework <name>  where the proxy goes, when that cannot be seen
  --emulator          begins without an account: the key and the address are those of \`fal-wasm dev\`
  --dry-run           shows it, and writes nothing
  --yes               writes it without asking

  Nothing that is there is overwritten: lines are added to .gitignore, to the file of the key and, for its route, to a
  worker as \`npm create cloudflare\` makes it; everything else is new.
  Ends with 0 when it was written or is there, with 1 when nothing was written, with 2 when the app is not understood.
`;

export const NAMES = ["init"];

export const isCommand = (word: string | undefined): boolean => word === "init";

function frameworkOf(given: string | undefined): Framework | undefined {
  if (given !== undefined && !FRAMEWORKS.includes(given as Framework))
    throw unknown("framework that is known here", given, FRAMEWORKS);
  return given as Framework | undefined;
}

/** What would be written, as a diff. A copied folder is one line. */
function written({ changes }: Plan): string {
  const copied = [...new Set(changes.flatMap((change) => change.copied ?? []))];
  const shown = changes
    .filter((change) => !change.copied)
    .map(({ file, text, isAdded }) => {
      const lines = text.replace(/^\n/, "").trimEnd().split("\n");
      return [`${isAdded ? "added to" : "new file"} ${file}`, ...lines.map((line) => `+ ${line}`.trimEnd()), ""];
    });
  const folders = copied.map((folder) => [`new folder ${folder}: the client, as it is in the package`, ""]);
  return [...shown, ...folders].map((lines) => lines.join("\n")).join("\n");
}

function write(folder: string, { changes }: Plan): void {
  for (const { file, text, isAdded, within } of changes) {
    const place = join(folder, file);
    mkdirSync(dirname(place), { recursive: true });
    if (within) {
      if (readFileSync(place, "utf8") !== within.was)
        throw new UsageError(`${file} was changed meanwhile: start again.`);
      writeFileSync(place, within.text);
    } else if (isAdded) appendFileSync(place, text);
    // Somebody may have written it meanwhile.
    else writeFileSync(place, text, { flag: "wx" });
  }
}

function folderOf(folder = "."): string {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`"${folder}" is no folder.`);
  return folder;
}

export async function run([, ...args]: string[]): Promise<number> {
  try {
    const given = parse(args, { framework: "text", emulator: "flag", "dry-run": "flag", yes: "flag" }, 1);
    const app = detect(folderOf(given.positionals[0]), frameworkOf(given.text("framework")));
    const plan = planOf(app, given.has("emulator"));
    const { changes, kept, left } = plan;
    print(`An app of ${app.framework}${app.typed ? ", in TypeScript" : ""}.\n`);
    if (changes.length > 0) print(written(plan));
    for (const file of kept) print(`${file} is there, with something else in it, and stays as it is.`);
    if (changes.length > 0 && !given.has("dry-run")) {
      if (
        !given.has("yes") &&
        !(await agrees(`Write ${changes.length === 1 ? "this file" : `these ${changes.length} files`}?`))
      )
        return 1;
      write(app.folder, plan);
    }
    const did =
      changes.length === 0 ? "Nothing is to be written." : given.has("dry-run") ? "Nothing was written." : "Written.";
    print(`${did} What is left:\n${left.map((step, at) => `  ${at + 1}. ${step}`).join("\n")}`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`Usage:\n${USAGE}\n${error.message}\n`);
    return 2;
  }
}
