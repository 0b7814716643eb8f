/** The command line as a person calls it, with fal's emulator behind it. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { ACCOUNTS, ADMIN_KEY } from "./keys.mjs";

/** An emulator, a folder for files, and the command. @param {{ logins?: string }} [options] */
export async function startCli(options) {
  const emulator = await startEmulator({ keys: ACCOUNTS, ...options });
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  after(() => {
    emulator.stop();
    rmSync(folder, { recursive: true });
  });

  /**
   * Runs the command; what it ended with and wrote.
   *
   * @param {string[]} args @param {string} [key] @param {Record<string, string>} [more] Variables of the environment.
   */
  async function cli(args, key = ADMIN_KEY, more = {}) {
    const env = { ...process.env, FAL_HOME_DIR: folder, FAL_KEY: key, FAL_BASE_URL: emulator.url, ...more };
    const child = spawn(process.execPath, [path("dist/cli/main.js"), ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = ["", ""];
    child.stdout.on("data", (chunk) => (texts[0] += chunk));
    child.stderr.on("data", (chunk) => (texts[1] += chunk));
    const code = await new Promise((done) => child.on("close", done));
    assert.ok(!texts.join("").includes(key.split(":")[1] ?? "?"), "it shows the key it uses");
    return { code, out: texts[0] ?? "", err: texts[1] ?? "" };
  }

  return { emulator, folder, cli };
}
