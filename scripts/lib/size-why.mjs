/** `npm run size -- --why`: what each module of a page, and each function of the core, costs after compression. */

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

import { build as bundle, transform } from "esbuild";

import { path, run, say } from "./run.mjs";

/** How many rows are shown. */
const MOST = 30;

/** @param {string | Uint8Array} bytes */
const compressed = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;

/**
 * What each piece costs: what the whole is smaller by without it. What two pieces share is in the cost of neither, so that
 * the costs are less than the whole.
 *
 * @template T @param {[name: string, piece: T][]} pieces @param {(pieces: T[]) => string | Uint8Array} joined
 * @param {(piece: T) => number} size
 */
function costs(pieces, joined, size) {
  const whole = compressed(joined(pieces.map(([, piece]) => piece)));
  return pieces
    .map(([name, piece]) => {
      const others = pieces.filter(([, other]) => other !== piece).map(([, other]) => other);
      return { name, raw: size(piece), "brotli -11": whole - compressed(joined(others)) };
    })
    .sort((one, other) => other["brotli -11"] - one["brotli -11"]);
}

/** @param {string} what @param {ReturnType<typeof costs>} all */
function show(what, all) {
  say(`\n${what}:`);
  console.table(Object.fromEntries(all.slice(0, MOST).map(({ name, ...row }) => [name, row])));
  const rest = all.slice(MOST);
  const sum = rest.reduce((sum, row) => sum + row["brotli -11"], 0);
  if (rest.length > 0) say(`${rest.length} more cost ${sum} B together.`);
}

/** The modules of a bundle, minified, under their paths. @param {import("esbuild").BuildOptions} options */
async function modulesOf(options) {
  // With white space esbuild writes the path of a module above it.
  const minified = { minify: false, minifyIdentifiers: true, minifySyntax: true };
  const { outputFiles } = await bundle({ ...options, ...minified, write: false });
  const parts = outputFiles?.[0]?.text.split(/^\/\/ (\S+)\n/m).slice(1) ?? [];
  return Promise.all(
    Array.from({ length: parts.length / 2 }, async (_, index) => {
      const { code } = await transform(parts[2 * index + 1] ?? "", { minifyWhitespace: true, format: "esm" });
      return /** @type {[string, string]} */ ([parts[2 * index] ?? "", code]);
    }),
  );
}

/** A reader of a module's bytes. @param {Uint8Array} bytes @param {number} at */
function reader(bytes, at) {
  const number = () => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = bytes[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte > 127);
    return value;
  };
  const take = (/** @type {number} */ count) => bytes.subarray(at, (at += count));
  const name = () => new TextDecoder().decode(take(number()));
  return { number, take, name, at: () => at };
}

const [CUSTOM, CODE] = [0, 10];
const FUNCTION_NAMES = 1;

/** The functions of a module by their names, when it imports none. @param {Uint8Array} wasm */
function functionsOf(wasm) {
  /** @type {Uint8Array[]} */
  const bodies = [];
  /** @type {Map<number, string>} */
  const names = new Map();
  for (let read = reader(wasm, 8); read.at() < wasm.length;) {
    const [kind] = read.take(1);
    const section = reader(read.take(read.number()), 0);
    if (kind === CODE)
      for (let left = section.number(); left > 0; left -= 1) bodies.push(section.take(section.number()));
    if (kind !== CUSTOM || section.name() !== "name") continue;
    for (let part; ([part] = section.take(1)) && part !== undefined;) {
      const table = reader(section.take(section.number()), 0);
      if (part !== FUNCTION_NAMES) continue;
      for (let left = table.number(); left > 0; left -= 1) names.set(table.number(), table.name());
    }
  }
  return bodies.map((body, index) => {
    const name = (names.get(index) ?? `function ${index}`).replace(/::h[0-9a-f]{16}$/, "");
    return /** @type {[string, Uint8Array]} */ ([name.replaceAll(/(fal_wasm|client|effects)::/g, ""), body]);
  });
}

/** Prints both. @param {import("esbuild").BuildOptions} options How the page is bundled. @param {string[]} optimize */
export async function why(options, optimize) {
  const modules = await modulesOf(options);
  show(
    "Modules of a page, and what it is smaller by without each",
    costs(
      modules,
      (codes) => codes.join(""),
      (code) => code.length,
    ),
  );
  const named = path("target/pkg/browser/core_named.wasm");
  const tool = path("node_modules/binaryen/bin/wasm-opt");
  await run(process.execPath, [tool, path("target/pkg/browser/core_called.wasm"), "-g", "-o", named, ...optimize], {
    quiet: true,
  });
  show(
    "Functions of the core, and what its code is smaller by without each",
    costs(
      functionsOf(readFileSync(named)),
      (bodies) => Buffer.concat(bodies),
      (body) => body.length,
    ),
  );
}
