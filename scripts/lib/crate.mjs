/** The crate as others depend on it: every feature set by itself, and a program outside of the workspace. */

import { path, run, say, script } from "./run.mjs";

const USER = ["--locked", "--manifest-path", path("tests/crate/Cargo.toml")];

await script(async () => {
  for (const features of [["--no-default-features"], ["--features", "server"], ["--all-features"]]) {
    await run("cargo", ["check", "--locked", "--lib", ...features], { quiet: true });
  }
  await run("cargo", ["fmt", "--check", "--manifest-path", path("tests/crate/Cargo.toml")], { quiet: true });
  // A target directory of its own: the workspace's would be compiled anew for other features of tokio.
  await run("cargo", ["run", ...USER, "--target-dir", path("target/crate")], { quiet: true });
  const tree = await run("cargo", ["tree", ...USER, "--edges", "normal,build", "--prefix", "none"], { quiet: true });
  if (!tree.includes("fal-wasm ")) throw new Error(`cargo tree does not show the crate:\n${tree}`);
  if (tree.includes("wasm-bindgen")) throw new Error(`A native program gets wasm-bindgen:\n${tree}`);
  // What would be published has all of its files, and names nothing that is not.
  const published = ["-p", "fal-wasm", "-p", "fal-wasm-client"];
  await run("cargo", ["package", "--locked", "--no-verify", "--allow-dirty", ...published], { quiet: true });
  say("The crate can be depended on.");
});
