/** The playground of the site: a service worker with the proxy and the emulator, next to its page. */

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { build as buildPackage } from "../build.mjs";
import { emulatorPackage } from "./emulator-package.mjs";
import { path } from "./run.mjs";

/** Where VitePress takes it from as it is. */
const PLACE = path("docs/public/playground");

/** @param {{ release?: boolean }} [options] Whether it is to be published. */
export async function buildPlayground(options) {
  await buildPackage();
  const emulator = `${await emulatorPackage(options)}/dist`;
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [path("docs/playground/service-worker.js")],
    bundle: true,
    // Not every browser has modules as service workers.
    format: "iife",
    target: "es2022",
    minify: true,
    alias: { "fal-wasm/proxy": path("dist/edge/proxy.js"), "fal-emulator/in-memory": `${emulator}/in-memory.js` },
    logLevel: "warning",
    logOverride: { "empty-import-meta": "silent" },
    write: false,
  });
  const source = outputFiles[0]?.text ?? "";
  const version = createHash("sha256")
    .update(source)
    .update(readFileSync(`${emulator}/emulator.wasm`));
  rmSync(PLACE, { recursive: true, force: true });
  mkdirSync(PLACE, { recursive: true });
  const line = `const VERSION = ${JSON.stringify(version.digest("hex").slice(0, 12))};\n`;
  writeFileSync(`${PLACE}/service-worker.js`, line + source);
  copyFileSync(`${emulator}/emulator.wasm`, `${PLACE}/emulator.wasm`);
}
