/** Bundling an app by Vite, in a process of its own: one that hangs can be ended. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { path, runOrAgain } from "../../scripts/lib/run.mjs";

/** What can be written as JSON of Vite's configuration. @typedef {Pick<import("vite").UserConfig, "build" | "define" | "resolve">} Config */

/** @param {string} root The app. @param {Config} config Its configuration lies elsewhere, so that nothing else is in the app. */
export async function vite(root, config) {
  const folder = mkdtempSync(join(tmpdir(), "vite-"));
  const file = `${folder}/vite.config.mjs`;
  writeFileSync(file, `export default ${JSON.stringify(config)};`);
  const args = [path("node_modules/vite/bin/vite.js"), "build", root, "--config", file, "--logLevel", "error"];
  await runOrAgain(process.execPath, args, { cwd: root }).finally(() => rmSync(folder, { recursive: true }));
}
