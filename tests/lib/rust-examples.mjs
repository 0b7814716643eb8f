/** The examples in Rust: a workspace of their own, which shares its folder of what is built with the project's. */

import { path, run, say } from "../../scripts/lib/run.mjs";
import { unlessMade } from "../../scripts/lib/stamp.mjs";
import { bindForWeb } from "../../scripts/lib/wasm-pack.mjs";

const SOURCES = ["src", "client/src", "client/Cargo.toml", "Cargo.toml", "rust-toolchain.toml"];
const SHARED = ["examples/Cargo.toml", "examples/Cargo.lock", "tests/lib/rust-examples.mjs"];

/**
 * Builds an example with cargo.
 *
 * @param {string} name Its folder.
 * @param {string[]} flags @param {string} output What is built, below `target`.
 */
const build = (name, flags, output) =>
  unlessMade(`example-${name}`, [...SOURCES, ...SHARED, `examples/${name}`], [`target/${output}`], async () => {
    say(`Compiling examples/${name} …`);
    const where = ["--manifest-path", path("examples/Cargo.toml"), "-p", `example-${name}`];
    const env = { CARGO_TARGET_DIR: path("target"), CARGO_PROFILE_DEV_DEBUG: "0" };
    await run("cargo", ["build", "--locked", ...where, ...flags], { quiet: true, env });
  });

/**
 * A program for a page or a worker: cargo, then the pinned wasm-bindgen; resolves to the folder with `example.js` and
 * `example_bg.wasm`.
 *
 * @param {string} name
 */
export async function wasmExample(name) {
  const built = `wasm32-unknown-unknown/debug/example_${name.replaceAll("-", "_")}.wasm`;
  await build(name, ["--target", "wasm32-unknown-unknown"], built);
  const out = path("target/rust-examples", name);
  await bindForWeb(path("target", built), out, "example");
  return out;
}

/** A program of this machine, without the TLS that takes a minute to build; resolves to its path. @param {string} name */
export async function nativeExample(name) {
  const program = `debug/example-${name}`;
  await build(name, ["--no-default-features"], program);
  return path("target", program);
}
