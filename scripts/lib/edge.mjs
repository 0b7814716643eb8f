/** Running a module in the edge runtime of Vercel and Next.js. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";

/**
 * Bundles a module as those platforms do: the same conditions, WebAssembly compiled beforehand. Returns what it exports.
 *
 * @param {string} entry
 * @param {{ env?: Record<string, string>, fetch?: (url: any, init?: any) => Promise<Response> }} [setup] The environment, and what `fetch` is there.
 * @returns {Promise<{ vm: EdgeVM, exported: any }>}
 */
export async function edgeModule(entry, { env = {}, fetch } = {}) {
  /** @type {string[]} */
  const wasm = [];
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "exported",
    target: "es2022",
    conditions: ["edge-light", "worker", "browser"],
    logLevel: "silent",
    plugins: [
      {
        name: "wasm-modules",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
            path: resolve(resolveDir, path.replace("?module", "")),
            namespace: "wasm",
          }));
          onLoad({ filter: /./, namespace: "wasm" }, ({ path }) => ({
            contents: `export default wasmModules[${wasm.push(path) - 1}]`,
            resolveDir: dirname(path),
          }));
        },
      },
    ],
  });
  const vm = new EdgeVM();
  const { context } = vm;
  const modules = wasm.map((file) => new WebAssembly.Module(readFileSync(file)));
  Object.assign(context, { wasmModules: modules, process: { env } });
  if (fetch) Object.assign(context, { fetch });
  return { vm, exported: vm.evaluate(`${outputFiles[0].text}\nexported`) };
}
