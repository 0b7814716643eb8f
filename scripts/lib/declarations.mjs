/** The published types: the declarations of the entries in `js/`, and of the modules that those refer to. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";

import { path, run } from "./run.mjs";
import { files } from "./stamp.mjs";

/** The entries that `exports` in package.json names. One set of types serves both builds: those of the server build. */
const ENTRIES = [
  "entries/server/index",
  "entries/server/proxy",
  "entries/server/node",
  "entries/server/webhook",
  "entries/server/platform",
  "entries/server/limits",
  "entries/server/testing",
  "entries/endpoints",
  ...[...files(path("js/entries/each")), ...files(path("js/entries/shared"))].map((file) =>
    relative(path("js"), file).replace(/\.ts$/, ""),
  ),
];

/** A comment, or a text with what stands before it: examples in comments import modules too, and are left alone. */
const TOKEN = /\/\*[^]*?\*\/|(\b(?:from|import|module)\s*\(?\s*)?"([^"\n]*)"/g;

/** Writes the declarations to `out`: an entry at its root, everything else in the folder it has in `js/`. @param {string} out */
export async function declarations(out) {
  const made = path("target/declarations");
  rmSync(made, { recursive: true, force: true });
  await run(process.execPath, [
    path("node_modules/typescript/bin/tsc"),
    "-p",
    path("js/tsconfig.declarations.json"),
    "--outDir",
    made,
  ]);
  const { peerDependencies } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  const peers = Object.keys(peerDependencies);
  const seen = new Set(ENTRIES);
  for (const module of seen) {
    const target = placeOf(module);
    const text = readFileSync(`${made}/${module}.d.ts`, "utf8").replace(TOKEN, (all, before, specifier) => {
      if (before === undefined) return all;
      if (specifier.startsWith(".")) {
        const imported = posix.join(posix.dirname(module), specifier).replace(/\.ts$/, "");
        seen.add(imported);
        return `${before}"${linkTo(placeOf(imported), target)}"`;
      }
      if (peers.some((peer) => specifier === peer || specifier.startsWith(`${peer}/`))) return all;
      // An internal import, such as `#core`, would reach a program's compiler, which cannot resolve it.
      throw new Error(
        `The published types of js/${module}.ts import "${specifier}". Declare the types of what it exports, or mark it @internal.`,
      );
    });
    const file = join(out, `${target}.d.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  // `fal-wasm/endpoints` has only types, but an import of it has to resolve.
  writeFileSync(join(out, "endpoints.js"), "export {};\n");
}

/** Where a module of `js/` is published. @param {string} module */
const placeOf = (module) => module.replace(/^entries\/((server|each|shared)\/)?/, "");

/** How one published module imports another. @param {string} to @param {string} from */
function linkTo(to, from) {
  const link = posix.relative(posix.dirname(from), to);
  return `${link.startsWith(".") ? link : `./${link}`}.js`;
}
