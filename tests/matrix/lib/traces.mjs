/** Which build of the package is in files that a tool made. */

import { readFileSync } from "node:fs";

import { files } from "../../../scripts/lib/stamp.mjs";

/** @typedef {"browser" | "edge"} Build */

/** A piece of a build's WebAssembly, as text: it has no letter that a minifier would write in another way. */
function markOf(/** @type {string} */ installed, /** @type {Build} */ build) {
  const code = readFileSync(`${installed}/dist/${build}/wasm.js`, "latin1");
  const text = code.split("\n").reduce((one, other) => (one.length > other.length ? one : other));
  return text.slice(text.length / 2, text.length / 2 + 300);
}

/**
 * The builds that are in the files below a folder.
 *
 * @param {string} installed The package. @param {string} folder
 * @returns {Build[]}
 */
export function buildsIn(installed, folder) {
  const contents = files(folder).map((file) => readFileSync(file, "latin1"));
  return /** @type {Build[]} */ (["browser", "edge"]).filter((build) => {
    const mark = markOf(installed, build);
    const wasm = readFileSync(`${installed}/dist/${build}/core.wasm`, "latin1");
    return contents.some((content) => content.includes(mark) || content === wasm);
  });
}
