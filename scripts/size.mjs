/**
 * `npm run size`: what a page pays for this package, next to `@fal-ai/client`: the same small app with each, bundled and
 * minified by esbuild. It fails above the budget in `scripts/size-budget.json`; `--lower` brings the budget down to what
 * was measured. Nothing brings it up. The build without WebAssembly has a budget of its own, which is in its file. `--why`
 * shows what each module of the page and each function of the core costs. `--leptos` builds the Leptos page with the Rust
 * client and without it; once they are built, they are shown every time.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build as bundle } from "esbuild";

import { OPTIMIZE, build } from "./build.mjs";
import { leptosPages } from "./lib/leptos.mjs";
import { UserError, path, say, script } from "./lib/run.mjs";
import { why } from "./lib/size-why.mjs";

const BUDGET = path("scripts/size-budget.json");
const BUDGET_WITHOUT = path("scripts/size-budget-no-wasm.json");

/** A minimal app for either client. It keeps the client on the global object so that the bundler drops nothing. */
const app = (/** @type {string} */ client) => `
  import { fal, createFalClient } from "${client}";
  fal.config({ proxyUrl: "/api/fal/proxy" });
  globalThis.app = { fal, createFalClient };
`;

/** Parts of the JavaScript layer, by the files that only they need. */
const PARTS = {
  realtime: /\/(realtime\/\w+|host\/browser\/websocket)\.js$/,
  "sentences of errors": /\/(messages|explain)\.js$/,
  "uploads and files in inputs": /\/storage\/[\w-]+\.js$/,
  streams: /\/(stream\/[\w-]+|io\/pump)\.js$/,
  "the core with its glue": /\/(core|wasm)\.js$/,
};

/** What apps put around a client, which has no part of the client in it, and nothing of its framework. */
const AROUND = ["store", "react", "vue", "svelte", "observe", "opentelemetry"];
/** What a package pays that brings a protocol of sessions: what it loads is kept under a kilobyte. */
const EXTENSION = "realtime/extension";
const MOST_OF_EXTENSION = 1000;
const around = (/** @type {string} */ name) => `export * from "fal-wasm/${name}";`;

/** @param {string} contents @param {RegExp} [without] Files that are left empty. @returns {Promise<Uint8Array>} */
async function bundled(contents, without) {
  const plugins = without ? [leftOut(without)] : [];
  const { outputFiles } = await bundle({ ...bundling(contents), minify: true, write: false, plugins });
  return /** @type {import("esbuild").OutputFile} */ (outputFiles[0]).contents;
}

/** What is loaded at once, where the rest is loaded when it is used. @param {string} contents @returns {Promise<Uint8Array>} */
async function firstFile(contents) {
  const split = {
    ...bundling(contents),
    splitting: true,
    outdir: "first",
    minify: true,
    write: /** @type {false} */ (false),
  };
  const { outputFiles } = await bundle(split);
  return /** @type {import("esbuild").OutputFile} */ (outputFiles.find((file) => file.path.endsWith("stdin.js")))
    .contents;
}

/** @param {string} contents @returns {import("esbuild").BuildOptions} */
const bundling = (contents) => ({
  stdin: { contents, resolveDir: path(".") },
  external: ["react", "vue", "@opentelemetry/api"],
  bundle: true,
  format: "esm",
  platform: "browser",
  logLevel: "error",
});

/** Leaves files out: their exports are there, and nothing behind them. @param {RegExp} filter @returns {import("esbuild").Plugin} */
const leftOut = (filter) => ({
  name: "left-out",
  setup: ({ onLoad }) =>
    onLoad({ filter }, ({ path: file }) => {
      const names = [
        ...readFileSync(file, "utf8").matchAll(/^export (?:async )?(?:const|let|class|function\*?) (\w+)/gm),
      ];
      return { contents: [...names.map(([, name]) => `export const ${name} = 0;`), "export default 0;"].join("\n") };
    }),
});

/** @param {Uint8Array} bytes */
const sizes = (bytes) => ({
  raw: bytes.length,
  "gzip -9": gzipSync(bytes, { level: 9 }).length,
  "brotli -11": brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length,
});

/** What is loaded as several files. @param {ReturnType<typeof sizes>[]} parts */
const summed = (parts) =>
  parts.reduce((total, part) => ({
    raw: total.raw + part.raw,
    "gzip -9": total["gzip -9"] + part["gzip -9"],
    "brotli -11": total["brotli -11"] + part["brotli -11"],
  }));

await script(async () => {
  await build();
  const everything = sizes(await bundled(app("fal-wasm")));
  const without = async (/** @type {RegExp} */ files) => sizes(await bundled(app("fal-wasm"), files));
  const quiet = await without(PARTS.realtime);
  const noWasm = sizes(await bundled(app("fal-wasm/no-wasm")));
  /** What is saved where only this is left. @param {any} rest */
  const saved = (rest) =>
    Object.fromEntries(Object.entries(everything).map(([name, size]) => [name, size - rest[name]]));
  /** @type {Record<string, object>} */
  const rows = {
    "@fal-ai/client": sizes(await bundled(app("@fal-ai/client"))),
    "fal-wasm, everything": everything,
    "fal-wasm, without realtime": quiet,
    "fal-wasm/no-wasm": noWasm,
    "the core, core.wasm by itself": sizes(readFileSync(path("dist/browser/core.wasm"))),
    "… the core in a page, as text": saved(await without(/\/browser\/wasm\.js$/)),
    "… realtime": saved(quiet),
  };
  for (const [name, files] of Object.entries(PARTS)) rows[`… ${name}`] ??= saved(await without(files));
  for (const name of AROUND) rows[`fal-wasm/${name}, by itself`] = sizes(await bundled(around(name)));
  const extension = sizes(await firstFile(around(EXTENSION)));
  rows[`fal-wasm/${EXTENSION}, first file`] = extension;
  for (const [name, parts] of Object.entries(await leptosPages(process.argv.includes("--leptos")))) {
    rows[name] = summed(parts.map(sizes));
  }
  console.table(rows);
  say("Rows with … are what everything is smaller by without them.");

  if (process.argv.includes("--why")) await why(bundling(app("fal-wasm")), OPTIMIZE);
  if (extension["brotli -11"] >= MOST_OF_EXTENSION) {
    throw new UserError(
      `fal-wasm/${EXTENSION} is ${extension["brotli -11"]} B (brotli): it stays below ${MOST_OF_EXTENSION} B.`,
    );
  }
  hold("Everything", everything["brotli -11"], BUDGET);
  hold("fal-wasm/no-wasm", noWasm["brotli -11"], BUDGET_WITHOUT);
});

/** Fails above a budget. @param {string} what @param {number} total @param {string} file Where the budget is. */
function hold(what, total, file) {
  const { everything: budget } = JSON.parse(readFileSync(file, "utf8"));
  if (total > budget) {
    throw new UserError(`${what} is ${total} B (brotli), and the budget is ${budget} B: make it smaller.`);
  }
  say(`${what} is ${total} B (brotli); the budget is ${budget} B.`);
  if (process.argv.includes("--lower")) writeFileSync(file, `{ "everything": ${total} }\n`);
}
