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
 * @typedef {object} RunOptions
 * @property {Record<string, string>} [env]
 * @property {boolean} [quiet] Shows its output only when it fails.
 * @property {string} [cwd]
 * @property {number} [deadline] Milliseconds after which it is killed, and this is a `TooSlow`.
 */

/** A program was killed at its deadline. */
export class TooSlow extends Error {}

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>} What it wrote to standard output.
 */
export function run(program, args, { env, quiet = false, cwd = root, deadline } = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", quiet ? "pipe" : "inherit"],
      // In a group of its own: what it started is killed with it.
      detached: deadline !== undefined && process.platform !== "win32",
    });
    let output = "";
    let errors = "";
    const late = () => {
      killGroup(child);
      const seconds = (deadline ?? 0) / 1000;
      failed(new TooSlow(`${program} ${args.join(" ")} had not ended after ${seconds} s.\n${errors}${output}`));
    };
    const timer = deadline && setTimeout(late, deadline);
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (errors += chunk));
    child.on("error", (error) => failed(new Error(`${program} could not be started: ${error.message}`)));
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0) return done(output);
      failed(new Error(`${program} ${args.join(" ")} failed (${code}).\n${errors}${output}`));
    });
  });
}

/** Kills a program that was started in a group of its own, and all that it has started. @param {import("node:child_process").ChildProcess} child */
export function killGroup(child) {
  try {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/**
 * Runs a program that may hang through no fault of ours: one that has not ended at its deadline is run once more. Vite 8 hangs
 * at times on a machine with few cores (rolldown/rolldown#10664), npm when a connection to its registry stalls.
 *
 * @param {string} program @param {string[]} args @param {RunOptions} options
 */
export function runOrAgain(program, args, options) {
  const once = () => run(program, args, { quiet: true, deadline: 120_000, ...options });
  return once().catch((error) => {
    if (!(error instanceof TooSlow)) throw error;
    say(`${error.message}\nIt is run once more.`);
    return once();
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
