/** What a Leptos page pays: `examples/leptos` with the Rust client, and the same page without it. */

import { existsSync, readFileSync } from "node:fs";

import { binaryen } from "./binaryen.mjs";
import { path, run, say } from "./run.mjs";
import { bindForWeb } from "./wasm-pack.mjs";

const BUILT = "target/wasm32-unknown-unknown/page/example_leptos.wasm";
const PAGES = {
  "a Leptos page, bare": ["--no-default-features"],
  "a Leptos page with the Rust client": [],
};

/** Where a page is kept, with its glue. @param {string} name */
const folderOf = (name) => path("target/rust-examples", name.replaceAll(/\W+/g, "-"));

/** Builds both pages, as their users do: cargo, wasm-bindgen, wasm-opt. It takes some minutes. */
async function build() {
  for (const [name, features] of Object.entries(PAGES)) {
    say(`Compiling ${name} …`);
    const cargo = ["build", "--locked", "--profile", "page", "--target", "wasm32-unknown-unknown"];
    const example = ["--manifest-path", path("examples/Cargo.toml"), "-p", "example-leptos", ...features];
    await run("cargo", [...cargo, ...example], { quiet: true, env: { CARGO_TARGET_DIR: path("target") } });
    const out = folderOf(name);
    await bindForWeb(path(BUILT), out, "page");
    // With the features that rustc names in the module: of all that binaryen knows it would use some that no browser has.
    const options = ["-Oz", "--strip-debug"];
    await binaryen("wasm-opt", `${out}/page_bg.wasm`, "-o", `${out}/page.wasm`, ...options);
  }
}

/**
 * The bytes of each page that is built, module and glue; none where there is none.
 *
 * @param {boolean} wanted Whether they are built first.
 * @returns {Promise<Record<string, Uint8Array[]>>}
 */
export async function leptosPages(wanted) {
  if (wanted) await build();
  const names = Object.keys(PAGES).filter((name) => existsSync(`${folderOf(name)}/page.wasm`));
  const parts = (/** @type {string} */ name) => ["page.wasm", "page.js"].map((file) => `${folderOf(name)}/${file}`);
  return Object.fromEntries(names.map((name) => [name, parts(name).map((file) => readFileSync(file))]));
}
