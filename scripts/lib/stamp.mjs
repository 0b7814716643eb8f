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

/** What is being made by this process. @type {Map<string, Promise<void>>} */
const making = new Map();

/**
 * Makes something, unless it was made from the same inputs before. Who asks while it is being made waits for that.
 *
 * @param {string} name
 * @param {string[]} inputs Files and folders, relative to the repository, and whatever else it depends on, as a text.
 * @param {string[]} outputs What must exist afterwards.
 * @param {() => Promise<void>} make
 */
export function unlessMade(name, inputs, outputs, make) {
  const made = making.get(name) ?? makeOnce(name, inputs, outputs, make).finally(() => making.delete(name));
  making.set(name, made);
  return made;
}

/** @param {string} name @param {string[]} inputs @param {string[]} outputs @param {() => Promise<void>} make */
async function makeOnce(name, inputs, outputs, make) {
  const hash = createHash("sha256").update(inputs.join());
  for (const file of inputs.flatMap((input) => files(path(input)))) hash.update(file).update(readFileSync(file));
  const digest = hash.digest("hex");
  const stamp = path("target", "stamps", name);
  const made = existsSync(stamp) && readFileSync(stamp, "utf8") === digest;
  if (made && outputs.every((output) => existsSync(path(output)))) return;
  await make();
  mkdirSync(path("target", "stamps"), { recursive: true });
  writeFileSync(stamp, digest);
}
