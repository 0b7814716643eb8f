/** The JavaScript layer: TypeScript from `js/`, as the modules of one build. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { placeImports, placeOwn, placedExports } from "./constants.mjs";
import { path } from "./run.mjs";
import { files } from "./stamp.mjs";

/**
 * Which implementation of `#host` a build has, and where the entries of its exports are; those in `each` are the same, and made
 * for each build. What `shared` has is the same for all builds: it works with a client that it is given, so that it needs neither
 * a host nor the core.
 */
const LAYOUTS = {
  browser: { host: "host/browser", entries: ["entries/browser", "entries/each"] },
  edge: { host: "host/server", entries: ["entries/server", "entries/each"] },
  shared: { host: undefined, entries: ["entries/shared"] },
};

/** Where the module of an entry is below its build. @param {string} source */
const withoutEntries = (source) => source.replace(/^entries\/[a-z]+\//, "");

/** @typedef {keyof typeof LAYOUTS} Build */

/** The sources of a build's entries. @param {Build} build */
const sourcesOf = (build) =>
  LAYOUTS[build].entries
    .flatMap((folder) => files(path("js", folder)))
    .map((file) => relative(path("js"), file).replaceAll("\\", "/"));

/** The modules of a build that package.json exports. @param {Build} build */
export const entriesOf = (build) => sourcesOf(build).map((source) => withoutEntries(source).replace(/\.ts$/, ".js"));

/** Modules that are made from the core. */
const MADE = ["core.js", "session.js"];

const IMPORT = /((?:^|[\s;}])(?:import|export)\s*(?:[^"';]*?\sfrom\s*)?|\bimport\()"([^"]+)"/g;

/**
 * Writes the modules that the entries of a build reach, one file each, to `out`: an entry at its root, everything else in
 * the folder it has in `js/`.
 *
 * @param {Build} build @param {string} out @param {string} version
 */
export async function assemble(build, out, version) {
  const { host } = LAYOUTS[build];
  const resolve = (/** @type {string} */ specifier, /** @type {string} */ from) => {
    if (specifier.startsWith("#") && !host) throw new Error(`js/${from} is for all builds and imports "${specifier}".`);
    if (specifier === "#core") return "core.js";
    if (specifier === "#session") return "session.js";
    if (specifier.startsWith("#host/")) return `${host}${specifier.slice(5)}`;
    return specifier.startsWith(".") ? join(dirname(from), specifier) : undefined;
  };
  const placed = build === "browser" ? placedExports() : undefined;
  await emit(sourcesOf(build), { out, version, targetOf: withoutEntries, resolve, placed });
}

/**
 * Writes the modules of the command line tool. It uses the entries of the edge build, and has a copy of what else it takes from
 * the library: a function and a constant.
 *
 * @param {string} out @param {string} version
 */
export async function assembleCli(out, version) {
  const isEntry = (/** @type {string} */ source) => source.startsWith("entries/");
  const targetOf = (/** @type {string} */ source) =>
    isEntry(source) ? `../edge/${withoutEntries(source)}` : source.replace(/^cli\//, "");
  const resolve = (/** @type {string} */ specifier, /** @type {string} */ from) => {
    if (specifier === "#core") return "core.js";
    return specifier.startsWith(".") ? join(dirname(from), specifier) : undefined;
  };
  await emit(["cli/main.ts"], { out, version, targetOf, resolve, follow: (source) => !isEntry(source) });
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
 *   resolve: (specifier: string, from: string) => string | undefined, follow?: (source: string) => boolean,
 *   placed?: Map<string, string> | undefined }} options `placed` are constants that are to stand where they are used.
 */
async function emit(entries, { out, version, targetOf, resolve, follow = () => true, placed }) {
  const { transform } = await import("esbuild");
  const seen = new Set(entries);
  for (const source of seen) {
    const target = targetOf(source).replace(/\.ts$/, ".js");
    const text = readFileSync(path("js", source), "utf8").replaceAll("__VERSION__", version);
    const { code } = await transform(source === WIRE ? text.replace(ENUM, "") : inlineEnums(text), {
      loader: "ts",
      target: "es2022",
    });
    const linked = (placed ? placeOwn(placeImports(code, placed)) : code).replace(IMPORT, (all, before, specifier) => {
      const imported = resolve(specifier, source);
      if (imported === undefined || imported.endsWith(".d.ts")) return all;
      if (!MADE.includes(imported) && follow(imported)) seen.add(imported);
      const to = relative(dirname(target), targetOf(imported)).replace(/\.ts$/, ".js");
      return `${before}"${to.startsWith(".") ? to : `./${to}`}"`;
    });
    mkdirSync(dirname(join(out, target)), { recursive: true });
    writeFileSync(join(out, target), linked);
  }
}
