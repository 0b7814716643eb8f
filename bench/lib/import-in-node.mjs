/** Importing either client in a fresh Node: from the package as it is installed, and from an app's bundle for browsers. */

import { mkdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { path, run } from "../../scripts/lib/run.mjs";
import { rowOf } from "./rows.mjs";
import { alternate } from "./stats.mjs";

const PROGRAM = `
const began = performance.now();
await import(process.argv[1]);
console.log(performance.now() - began);`;

/** @param {string} specifier */
const inFreshNode = (specifier) => async () =>
  Number(await run(process.execPath, ["--input-type=module", "--eval", PROGRAM, specifier], { quiet: true }));

/** @param {{ ours: Uint8Array, theirs: Uint8Array }} bundles @param {{ quick: boolean }} options */
export async function importInNode(bundles, { quick }) {
  const folder = path("target/bench");
  mkdirSync(folder, { recursive: true });
  /** @param {"ours" | "theirs"} side */
  const bundle = (side) => {
    const file = `${folder}/${side}.mjs`;
    writeFileSync(file, bundles[side]);
    return inFreshNode(String(pathToFileURL(file)));
  };
  const ways = {
    "the package": { ours: inFreshNode("fal-wasm"), theirs: inFreshNode("@fal-ai/client") },
    "a bundle for browsers": { ours: bundle("ours"), theirs: bundle("theirs") },
  };
  const rows = [];
  for (const [way, sides] of Object.entries(ways)) {
    const samples = await alternate(sides, { rounds: quick ? 1 : 25, warm: quick ? 0 : 2 });
    rows.push(rowOf(`1. import in Node, ${way}`, "ms", samples, { most: 1 }));
  }
  return rows;
}
