/** Programs that serve: started, waited for, and ended with all that they have started. */

import { spawn } from "node:child_process";
import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { killGroup, log, say } from "../../scripts/lib/run.mjs";
import { pause } from "./expect.mjs";

/** How long a server may take to begin, and to answer what it compiles first, in milliseconds. Only what hangs takes that long. */
export const PATIENCE = 90_000;

/** What was started and not stopped yet. @type {Set<() => void>} */
const running = new Set();
process.once("exit", () => running.forEach((stop) => stop()));

/** @typedef {{ url: string, said: () => string, stop: () => void }} Served */

/**
 * Starts a program, and waits for what says where it serves. It fails when the program ends before, or says nothing in time.
 *
 * @param {string} program @param {string[]} args
 * @param {{ cwd: string, env?: Record<string, string>, logs: string }} options `logs` names where its output is kept.
 * @param {(said: string) => string | undefined | Promise<string | undefined>} urlOf Where it serves, once that is known; it is
 *   asked again and again.
 * @returns {Promise<Served>}
 */
export async function startServer(program, args, { cwd, env, logs }, urlOf) {
  // In a group of its own: what it started ends with it. esbuild serves for as long as its input is open.
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: "pipe", detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      log(logs, String(chunk));
      output += chunk;
    });
  const stop = () => {
    running.delete(stop);
    killGroup(child);
  };
  running.add(stop);
  let isOver = "";
  child.on("error", (error) => (isOver = `could not be started: ${error.message}`));
  child.on("close", (code) => (isOver = `ended (${code})`));
  for (const end = performance.now() + PATIENCE; !isOver; await pause(20)) {
    // Some write in colors when CI is set: the port would stand in bold.
    const url = await urlOf(stripVTControlCharacters(output));
    if (url) return { url, said: () => output, stop };
    if (performance.now() > end) isOver = `was not ready after ${PATIENCE / 1000} s`;
  }
  stop();
  throw new Error(`${basename(program)} ${args.join(" ")} ${isOver}.\n${output}`);
}

/**
 * A server for development, with these pages compiled: each is asked for once. Turbopack sometimes spins for good on a machine
 * with few cores (vercel/next.js#97850), so a server that does not answer is started once more.
 *
 * @template {Served} S
 * @param {() => Promise<S>} start @param {string[]} pages
 */
export async function compiled(start, pages) {
  const once = async () => {
    const served = await start();
    try {
      for (const page of pages) {
        const answer = await fetch(served.url + page, { signal: AbortSignal.timeout(PATIENCE) });
        await answer.arrayBuffer();
      }
      return served;
    } catch (error) {
      served.stop();
      throw new Error(`${pages.join(" or ")} has no answer.\n${served.said()}`, { cause: error });
    }
  };
  return once().catch((error) => {
    if (error.cause?.name !== "TimeoutError") throw error;
    say(`${error.message}\nThe server is started once more.`);
    return once();
  });
}
