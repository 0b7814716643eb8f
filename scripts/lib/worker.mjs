/** Running a worker in the real workerd. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

/** What the newest workerd knows; tests name older dates. */
export const NEWEST_DATE = "2026-07-01";

/**
 * Bundles a worker as wrangler does: the same conditions, WebAssembly as modules of the platform.
 *
 * @param {string} entry
 */
export async function bundle(entry) {
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
    absWorkingDir: dirname(entry),
    logLevel: "silent",
  });
  return [{ type: /** @type {const} */ ("ESModule"), path: "worker.mjs", contents: outputFiles[0].text }, ...wasm];
}

/**
 * Starts a worker. Whatever it sends, wherever to, arrives at the emulator, by workerd's own network code; with `live`
 * it talks to fal itself. The binding `EMULATOR` leads there, too. With `inspect` V8's inspector can be asked about it.
 *
 * @param {string} entry
 * @param {{ emulator?: string, bindings?: Record<string, string>, date?: string, port?: number, assets?: string,
 *   live?: boolean, inspect?: boolean, flags?: string[], objects?: Record<string, string>, modules?: Awaited<ReturnType<typeof bundle>> }} setup
 *   `objects` are bindings of Durable Objects, by the names of their classes; `modules` is what was bundled before.
 */
export async function startWorker(entry, { emulator, bindings, date = NEWEST_DATE, port = 0, assets, live, ...setup }) {
  const { inspect, flags, objects, modules } = setup;
  if (!emulator && !live) throw new Error("Name an emulator, or say that this is live.");
  const outboundService = { external: { address: new URL(emulator ?? "http://none").host, http: {} } };
  const routerConfig = { has_user_worker: true, invoke_user_worker_ahead_of_assets: true };
  const worker = new Miniflare({
    host: "127.0.0.1",
    port,
    compatibilityDate: date,
    modules: modules ?? (await bundle(entry)),
    bindings,
    ...(flags && { compatibilityFlags: flags }),
    ...(objects && { durableObjects: objects }),
    ...(!live && { outboundService, serviceBindings: { EMULATOR: outboundService } }),
    ...(inspect && { inspectorPort: 0 }),
    ...(assets && { assets: { directory: assets, binding: "ASSETS", routerConfig } }),
  });
  const ready = worker.ready.catch(async (error) => {
    // It would keep this process from ending.
    await worker.dispose().catch(() => {});
    throw error;
  });
  const url = (await ready).origin;
  return {
    url,
    /** Where V8's inspector listens, when it was asked for. */
    inspector: () => worker.getInspectorURL(),
    /** Calls it over its socket. @param {string} place @param {RequestInit} [init] */
    fetch: (place, init) => fetch(new URL(place, url), init),
    stop: () => worker.dispose(),
  };
}
