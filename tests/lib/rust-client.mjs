/** The Rust client, natively: what is built of it for tests, and a program that plays scenarios with it. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { path, run } from "../../scripts/lib/run.mjs";
import { KEY } from "./keys.mjs";

/** All of it, without the TLS that takes a minute to build: the emulator speaks http. */
export const CLIENT = ["-p", "fal-wasm-client", "--features", "platform,proxy,webhook,realtime,tracing,_simulation"];

/**
 * Starts the program (`client/tests/scenarios`), which `cargo test` builds, too.
 *
 * @param {string} emulator Its URL.
 */
export async function startPlayer(emulator) {
  await run("cargo", ["build", "--locked", ...CLIENT, "--example", "scenarios"], { quiet: true });
  const program = path(process.env.CARGO_TARGET_DIR ?? "target", "debug/examples/scenarios");
  const child = spawn(program, [emulator], {
    env: { ...process.env, FAL_KEY: KEY },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** Plays a scenario, and says what became of it. @param {object} scenario @returns {Promise<any>} */
    async play(scenario) {
      child.stdin.write(`${JSON.stringify(scenario)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("The program has ended; what it said is above.");
      return JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}
