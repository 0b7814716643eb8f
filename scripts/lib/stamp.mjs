/** Remembering what was made from what, so that nothing is made twice. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { path } from "./run.mjs";

/** All files below a path, in order. @param {string} place @returns {string[]} */
export function files(place) {
  if (!existsSync(place)) return [];
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place)
    .sort()
    .flatMap((name) => files(join(place, name)));
}

/**
 * Makes something, unless it was made from the same inputs before.
 *
 * @param {string} name
 * @param {string[]} inputs Files and folders, relative to the repository.
 * @param {string[]} outputs What must exist afterwards.
 * @param {() => Promise<void>} make
 */
export async function unlessMade(name, inputs, outputs, make) {
  const hash = createHash("sha256");
  for (const file of inputs.flatMap((input) => files(path(input)))) hash.update(file).update(readFileSync(file));
  const digest = hash.digest("hex");
  const stamp = path("target", "stamps", name);
  const made = existsSync(stamp) && readFileSync(stamp, "utf8") === digest;
  if (made && outputs.every((output) => existsSync(path(output)))) return;
  await make();
  mkdirSync(path("target", "stamps"), { recursive: true });
  writeFileSync(stamp, digest);
}
