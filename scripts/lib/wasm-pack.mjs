/** Rust to WebAssembly, with the glue of wasm-bindgen. */

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname } from "node:path";

import { path, run } from "./run.mjs";
import { wasmBindgen } from "./setup.mjs";

const TARGET = "wasm32-unknown-unknown";
/** Cargo's own folder of the builds here. */
const TARGET_DIR = ["--target-dir", path("target")];

/** Keeps paths of this machine out, so that every machine builds the same bytes. */
export const remap = () => `--remap-path-prefix=${path(".")}=. --remap-path-prefix=${process.env.CARGO_HOME ?? ""}=`;

/**
 * Does what `wasm-pack build --target web --no-pack --no-opt` does, which is to run cargo and then wasm-bindgen. wasm-pack itself
 * takes as long to compile as all the rest, most of it to download tools that are pinned here. Where `WASM_PACK` names one, it is
 * used: releases are built both ways, and have to be the same bytes.
 *
 * @param {string} crate Its folder.
 * @param {{ profile: string, out: string, name: string, features?: string, rustflags?: string,
 *   settings?: string[] }} options `out` is an absolute path, `settings` change the profile.
 */
export async function wasmPack(crate, { profile, out, name, features, rustflags = "", settings = [] }) {
  const bindgen = await wasmBindgen();
  rmSync(out, { recursive: true, force: true });
  const env = { PATH: dirname(bindgen) + delimiter + process.env.PATH, RUSTFLAGS: remap() + rustflags };
  const changed = settings.flatMap((setting) => ["--config", `profile.${profile}.${setting}`]);
  const cargo = ["--locked", ...(features ? ["--features", features] : []), ...changed, ...TARGET_DIR];
  const given = ["--out-dir", out, "--out-name", name, "--target", "web"];
  const program = process.env.WASM_PACK;
  if (program) {
    const flags = ["--no-pack", "--no-opt", "--profile", profile, ...given];
    await run(program, ["build", path(crate), ...flags, "--", ...cargo], { quiet: true, env });
    return;
  }
  await run("cargo", ["build", "--lib", "--profile", profile, "--target", TARGET, ...cargo], {
    cwd: path(crate),
    quiet: true,
    env,
  });
  const [, library = ""] = /^name = "(.+)"$/m.exec(readFileSync(path(crate, "Cargo.toml"), "utf8")) ?? [];
  const linked = path("target", TARGET, profile, `${library.replaceAll("-", "_")}.wasm`);
  await run(bindgen, [linked, "--typescript", "--omit-default-module-path", ...given], { quiet: true, env });
}

/**
 * The glue of a program for a page or a worker, as its users make it: `<name>.js` and `<name>_bg.wasm` in a folder.
 *
 * @param {string} linked What cargo has built. @param {string} out @param {string} name
 */
export async function bindForWeb(linked, out, name) {
  mkdirSync(out, { recursive: true });
  const options = ["--target", "web", "--no-typescript", "--out-name", name, "--out-dir", out];
  await run(await wasmBindgen(), [...options, linked], { quiet: true });
}
