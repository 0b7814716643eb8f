/** The JavaScript layer: TypeScript from `js/`, as the modules of one build. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { path } from "./run.mjs";
import { files } from "./stamp.mjs";

/** Which implementation of `#host` a build has, and where the entries of its exports are. */
const LAYOUTS = {
  browser: { host: "host/browser", entries: "entries/browser" },
  edge: { host: "host/server", entries: "entries/server" },
};

const IMPORT = /((?:^|[\s;}])(?:import|export)\s*(?:[^"';]*?\sfrom\s*)?|\bimport\()"([^"]+)"/g;

/**
 * Writes the modules that the entries of a build reach, one file each, to `out`: an entry at its root, everything else in
 * the folder it has in `js/`.
 *
 * @param {"browser" | "edge"} build @param {string} out @param {string} version
 */
export async function assemble(build, out, version) {
  const { host, entries } = LAYOUTS[build];
  const targetOf = (/** @type {string} */ source) =>
    source.startsWith(`${entries}/`) ? source.slice(entries.length + 1) : source;
  const resolve = (/** @type {string} */ specifier, /** @type {string} */ from) => {
    if (specifier === "#core") return "core.js";
    if (specifier.startsWith("#host/")) return `${host}${specifier.slice(5)}`;
    return specifier.startsWith(".") ? join(dirname(from), specifier) : undefined;
  };
  await emit(
    files(path("js", entries)).map((file) => relative(path("js"), file)),
    { out, version, targetOf, resolve },
  );
}

/** Writes the modules of the command line tool, which uses those of the edge build. @param {string} out @param {string} version */
export async function assembleCli(out, version) {
  const { entries } = LAYOUTS.edge;
  const targetOf = (/** @type {string} */ source) =>
    source.startsWith("cli/") ? source.slice(4) : `../edge/${source.replace(`${entries}/`, "")}`;
  const resolve = (/** @type {string} */ specifier, /** @type {string} */ from) => {
    if (specifier === "#core") return "core.js";
    return specifier.startsWith(".") ? join(dirname(from), specifier) : undefined;
  };
  await emit(["cli/main.ts"], { out, version, targetOf, resolve, follow: (source) => source.startsWith("cli/") });
}

const WIRE = "core/wire.ts";
const ENUM = /^export const enum (\w+) \{\n([\s\S]*?)^\}/gm;
/** Numbers by the names of their enums and of their members. @type {Map<string, string> | undefined} */
let numbers;

/** The members of the wire table's enums as numbers, as TypeScript has them: a page pays for no names. @param {string} text */
function inlineEnums(text) {
  if (!text.includes("core/wire.ts") && !text.includes("./wire.ts")) return text;
  numbers ??= new Map(
    [...readFileSync(path("js", WIRE), "utf8").matchAll(ENUM)].flatMap(([, name, members = ""]) =>
      [...members.matchAll(/^ {2}(\w+) = (-?\d+),/gm)].map(
        ([, member, number = ""]) => /** @type {[string, string]} */ ([`${name}.${member}`, number]),
      ),
    ),
  );
  return text.replace(/\b[A-Z]\w+\.[A-Z]\w+\b/g, (name) => numbers?.get(name) ?? name);
}

/**
 * @param {string[]} entries
 * @param {{ out: string, version: string, targetOf: (source: string) => string,
 *   resolve: (specifier: string, from: string) => string | undefined, follow?: (source: string) => boolean }} options
 */
async function emit(entries, { out, version, targetOf, resolve, follow = () => true }) {
  const { transform } = await import("esbuild");
  const seen = new Set(entries);
  for (const source of seen) {
    const target = targetOf(source).replace(/\.ts$/, ".js");
    const text = readFileSync(path("js", source), "utf8").replaceAll("__VERSION__", version);
    const { code } = await transform(source === WIRE ? text.replace(ENUM, "") : inlineEnums(text), {
      loader: "ts",
      target: "es2022",
    });
    const linked = code.replace(IMPORT, (all, before, specifier) => {
      const imported = resolve(specifier, source);
      if (imported === undefined || imported.endsWith(".d.ts")) return all;
      if (imported !== "core.js" && follow(imported)) seen.add(imported);
      const to = relative(dirname(target), targetOf(imported)).replace(/\.ts$/, ".js");
      return `${before}"${to.startsWith(".") ? to : `./${to}`}"`;
    });
    mkdirSync(dirname(join(out, target)), { recursive: true });
    writeFileSync(join(out, target), linked);
  }
}
