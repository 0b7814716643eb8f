/**
 * CPU time of a `run` in Rust, against the emulator: `fal-wasm-client`, the crate `fal`, and a bare call of reqwest, in one process on one
 * thread. `fal` sends to `https://fal.run` and nowhere else, so a copy of it is compiled in which that one address is the emulator's; all
 * three then speak plain http.
 */

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

import { startEmulator } from "../scripts/lib/emulator.mjs";
import { path, run } from "../scripts/lib/run.mjs";
import { ACCOUNTS, KEY } from "../tests/lib/keys.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate } from "./lib/stats.mjs";

export const FAL_CRATE = "0.3.6";
const BUILT = path("target/bench");

/** What is read once, so that it costs a call nothing. */
const PLACE = `
static PLACE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| std::env::var("EMULATOR").expect("EMULATOR"));
`;

/** The crate `fal`, as cargo's own cache has it, with another address. */
async function patchedFal() {
  const file = `${BUILT}/fal/src/request.rs`;
  const made = existsSync(file) && readFileSync(`${BUILT}/fal/Cargo.toml`, "utf8").includes(`"${FAL_CRATE}"`);
  // Written anew it would be compiled anew.
  if (made && readFileSync(file, "utf8").endsWith(PLACE)) return;
  const folder = `${BUILT}/fetch`;
  mkdirSync(`${folder}/src`, { recursive: true });
  const manifest = `[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[dependencies]\nfal = "=${FAL_CRATE}"\n`;
  writeFileSync(`${folder}/Cargo.toml`, manifest);
  writeFileSync(`${folder}/src/lib.rs`, "");
  const args = ["metadata", "--format-version", "1", "--manifest-path", `${folder}/Cargo.toml`];
  const { packages } = JSON.parse(await run("cargo", args, { quiet: true }));
  const { manifest_path: source } = packages.find((/** @type {any} */ { name }) => name === "fal");
  rmSync(`${BUILT}/fal`, { recursive: true, force: true });
  cpSync(dirname(source), `${BUILT}/fal`, { recursive: true });
  const text = readFileSync(file, "utf8");
  const sends = 'format!("https://fal.run/{}", self.endpoint)';
  if (!text.includes(sends)) throw new Error(`fal ${FAL_CRATE} does not send as it did.`);
  writeFileSync(file, text.replace(sends, `format!("{}/fal.run/{}", *PLACE, self.endpoint)`) + PLACE);
}

/** @param {{ quick: boolean }} options */
export async function bench({ quick }) {
  const [rounds, runs] = quick ? [1, 50] : [12, 200];
  await patchedFal();
  const env = { CARGO_TARGET_DIR: `${BUILT}/target` };
  const manifest = path("bench/apps/rust/Cargo.toml");
  await run("cargo", ["build", "--locked", "--release", "--manifest-path", manifest], { quiet: true, env });
  const emulator = await startEmulator({ keys: ACCOUNTS });
  const program = spawn(`${BUILT}/target/release/bench-rust`, {
    env: { ...process.env, EMULATOR: emulator.url, FAL_KEY: KEY },
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
    const cpu =
      (/** @type {string} */ side, count = runs) =>
      async () => {
        program.stdin.write(`${side} ${count}\n`);
        const { value } = await lines.next();
        return Number(value) / 1_000;
      };
    // A run of theirs takes as long as hundreds of ours: it makes a client of reqwest, with the certificates of the system.
    const sides = { ours: cpu("ours"), theirs: cpu("theirs", 2), floor: cpu("floor") };
    const samples = await alternate(sides, { rounds, warm: quick ? 0 : 4 });
    const { ours, floor } = samples;
    return [
      rowOf(`10. Rust, CPU of a run, to the crate fal ${FAL_CRATE}`, "µs", samples, { most: 1 }),
      rowOf("10. Rust, the same, to a bare call of reqwest", "µs", { ours, theirs: floor }),
    ];
  } finally {
    program.kill();
    emulator.stop();
  }
}
