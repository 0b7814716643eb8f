/** Running other programs, and saying what is going on. */

import { spawn } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** @param {...string} parts */
export const path = (...parts) => join(root, ...parts);

/** Says something to the person at the terminal. Standard output is for results. @param {string} text */
export const say = (text) => process.stderr.write(`${text}\n`);

/** Keeps a text with the logs of a test run; outside of one it is dropped. @param {string} name @param {string} text */
export function log(name, text) {
  if (process.env.TEST_LOGS) appendFileSync(`${process.env.TEST_LOGS}/${name}.log`, `${text}\n`);
}

/** Something the person at the terminal can mend: one sentence, no stack. */
export class UserError extends Error {}

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean, cwd?: string }} [options] `quiet` shows its output only
 *   when it fails.
 * @returns {Promise<string>} What it wrote to standard output.
 */
export function run(program, args, { env, quiet = false, cwd = root } = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", quiet ? "pipe" : "inherit"],
    });
    let output = "";
    let errors = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (errors += chunk));
    child.on("error", (error) => failed(new Error(`${program} could not be started: ${error.message}`)));
    child.on("close", (code) => {
      if (code === 0) return done(output);
      failed(new Error(`${program} ${args.join(" ")} failed (${code}).\n${errors}${output}`));
    });
  });
}

/** Where a program is in `PATH`. @param {string} name */
export const which = (name) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, process.platform === "win32" ? `${name}.exe` : name))
    .find(existsSync);

/** Runs the main function of a script and ends the process with what became of it. @param {() => Promise<void>} main */
export async function script(main) {
  try {
    await main();
  } catch (error) {
    say(error instanceof UserError ? error.message : String(/** @type {any} */ (error)?.stack ?? error));
    process.exitCode = 1;
  }
}
