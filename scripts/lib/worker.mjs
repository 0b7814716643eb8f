/** Running a worker in the real workerd. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { redirected } from "./emulator.mjs";
import { path } from "./run.mjs";

/** What the newest workerd knows; tests name older dates. */
export const NEWEST_DATE = "2026-07-01";

/**
 * Bundles a worker as wrangler does: the same conditions, WebAssembly as modules of the platform.
 *
 * @param {string} entry
 */
async function bundle(entry) {
  /** @type {{ type: "CompiledWasm", path: string, contents: Uint8Array }[]} */
  const wasm = [];
  const plugin = {
    name: "wasm-modules",
    /** @param {import("esbuild").PluginBuild} build */
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path: specifier, resolveDir }) => {
        const file = resolve(resolveDir, specifier.replace("?module", ""));
        const name = `./module-${wasm.length}.wasm`;
        wasm.push({ type: "CompiledWasm", path: name.slice(2), contents: readFileSync(file) });
        return { path: name, external: true };
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    plugins: [plugin],
    absWorkingDir: path("."),
    logLevel: "silent",
  });
  return [{ type: /** @type {const} */ ("ESModule"), path: "worker.mjs", contents: outputFiles[0].text }, ...wasm];
}

/**
 * Starts a worker. What it sends to fal goes to the emulator; anything else it may send nowhere.
 *
 * @param {string} entry
 * @param {{ emulator?: string, bindings?: Record<string, string>, date?: string, port?: number, assets?: string,
 *   live?: boolean, options?: object }} setup `live` lets it talk to fal itself.
 */
export async function startWorker(entry, { emulator, bindings, date = NEWEST_DATE, port = 0, assets, live, options }) {
  const outboundService = async (/** @type {Request} */ request) => {
    const address = emulator ? redirected(request.url, emulator) : request.url;
    if (!address.startsWith("http://127.0.0.1:"))
      return new Response(`Nothing is sent to ${new URL(request.url).host}.`, { status: 599 });
    const init = {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: /** @type {const} */ ("manual"),
      duplex: "half",
    };
    return fetch(address, init);
  };
  const worker = new Miniflare({
    host: "127.0.0.1",
    port,
    compatibilityDate: date,
    modules: await bundle(entry),
    bindings,
    ...(live ? {} : { outboundService }),
    ...(assets && {
      assets: {
        directory: assets,
        binding: "ASSETS",
        routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
      },
    }),
    ...options,
  });
  const url = (await worker.ready).origin;
  return {
    url,
    worker,
    fetch: (/** @type {string} */ place, /** @type {any} */ init) => worker.dispatchFetch(new URL(place, url), init),
    stop: () => worker.dispose(),
  };
}
