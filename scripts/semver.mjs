/**
 * `npm run semver`: whether the Rust crates keep what their versions promise, by cargo-semver-checks, against what is published.
 * `npm run semver -- --baseline v0.1.0` compares with a commit or a tag instead.
 */

import { UserError, run, say, script } from "./lib/run.mjs";

const TOOL = "cargo-semver-checks@0.51.0";
/** The crates that are published. */
const CRATES = ["fal-wasm", "fal-wasm-client"];

/** Whether a version is published. @param {string} crate */
async function isPublished(crate) {
  // Named, so that cargo shows none of this workspace's own packages.
  const found = run("cargo", ["info", "--registry", "crates-io", crate], { quiet: true });
  return found.then(
    () => true,
    (error) => {
      if (/could not find `.*` in registry/.test(String(error))) return false;
      throw error;
    },
  );
}

await script(async () => {
  const args = process.argv.slice(2);
  const baseline = args[0] === "--baseline" ? args[1] : undefined;
  if (args.length !== (baseline === undefined ? 0 : 2)) throw new UserError("It takes nothing, or --baseline COMMIT.");
  const checked = [];
  for (const crate of CRATES) {
    if (baseline !== undefined || (await isPublished(crate))) checked.push(crate);
    else say(`${crate}: no version is published yet, so there is nothing that the next one could break.`);
  }
  if (checked.length === 0) return;
  await run("cargo", ["semver-checks", "--version"], { quiet: true }).catch(() => {
    throw new UserError(`This takes a tool that is not here: cargo install --locked ${TOOL}`);
  });
  const against = baseline === undefined ? [] : ["--baseline-rev", baseline];
  for (const crate of checked) {
    say(`${crate} …`);
    console.log(await run("cargo", ["semver-checks", "--package", crate, "--all-features", ...against]));
  }
});
