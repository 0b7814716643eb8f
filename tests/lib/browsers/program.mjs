/** Browsers' programs: started with what they keep in a folder of its own, ended with this process. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { log } from "../../../scripts/lib/run.mjs";

/** A folder that nobody used before. */
export const freshFolder = () => mkdtempSync(join(tmpdir(), "fal-wasm-"));

/** @param {string} folder */
export const drop = (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

/**
 * Starts a program, and waits until it says that it is ready, if it does.
 *
 * @param {string} program @param {string[]} args
 * @param {{ ready?: RegExp, env?: Record<string, string> }} options `ready`: what it says then. Its first group is `said`.
 */
export async function startProgram(program, args, { ready, env }) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill();
  process.once("exit", kill);
  const ended = new Promise((done) => child.once("close", done));
  const said = await new Promise((resolve, reject) => {
    let output = "";
    const failed = (/** @type {unknown} */ why) => reject(new Error(`${program} did not start (${why}).\n${output}`));
    child.once("error", failed);
    child.once("close", failed);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        log("browsers", String(chunk));
        output += chunk;
        const found = ready?.exec(output);
        if (found) resolve(found[1]);
      });
    }
    if (!ready) child.once("spawn", () => resolve(""));
  });
  return {
    /** @type {string} */ said,
    /** Ends it, unless it has ended by itself. */
    async stop() {
      kill();
      await ended;
      process.off("exit", kill);
    },
  };
}
