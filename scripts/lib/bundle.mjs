/**
 * The edge build as few files: an entry each, and what entries share. Node takes a third of a millisecond for every file that it
 * imports, and the client alone was eighty. They stay readable, and each chunk has the name of the largest module in it, for
 * the stack traces of those who use it.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

/** Where what is shared lies in the build. */
const CHUNKS = "chunks";

/** What stays an import: the WebAssembly, which is another file in another runtime, and packages. */
const EXTERNAL = ["#wasm", "fal-emulator"];

/** An import of nothing, for the order in which modules run. None of ours does anything by that, as package.json says. */
const NOTHING = /^import "[^"]+";\n/gm;

/** Whether a chunk has nothing in it: only an import of nothing leads there. @param {object} inputs @param {string} [entry] */
const isEmpty = (inputs, entry) => !entry && Object.keys(inputs).length === 0;

/** @param {string} modules The modules of the build. @param {string[]} entries Relative to it. @param {string} out */
export async function bundle(modules, entries, out) {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    // The comments that say where a module begins are the same wherever it is built.
    absWorkingDir: modules,
    entryPoints: entries,
    outbase: modules,
    outdir: out,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    external: EXTERNAL,
    chunkNames: `${CHUNKS}/[hash]`,
    write: false,
    metafile: true,
  });
  /** Names of chunks by what esbuild calls them. @type {Map<string, string>} */
  const names = new Map();
  for (const [file, { entryPoint = "", inputs }] of Object.entries(metafile.outputs)) {
    if (entries.includes(entryPoint) || isEmpty(inputs, entryPoint)) continue;
    const [[largest = ""] = []] = Object.entries(inputs).sort(
      ([, one], [, other]) => other.bytesInOutput - one.bytesInOutput,
    );
    // Where `import()` arrives there is nothing but the names of another chunk.
    names.set(
      basename(file),
      largest.replaceAll("/", "-") || entryPoint.replaceAll("/", "-").replace(".js", ".import.js"),
    );
  }
  for (const { path, text } of outputFiles) {
    const { inputs = {}, entryPoint } = metafile.outputs[relative(modules, path)] ?? {};
    if (isEmpty(inputs, entryPoint)) continue;
    const target = join(dirname(path), names.get(basename(path)) ?? basename(path));
    const needed = text.replace(NOTHING, "");
    const linked = [...names].reduce((code, [from, to]) => code.replaceAll(`/${from}"`, `/${to}"`), needed);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, linked);
  }
}
