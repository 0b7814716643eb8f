/** The code blocks of README and docs, as modules that a compiler reads. */

import { readFileSync } from "node:fs";

import { path } from "../../scripts/lib/run.mjs";
import { files } from "../../scripts/lib/stamp.mjs";

const BLOCK = /^( *)```(\w+)[^\n]*\n([^]*?)^\1```$/gm;

/** All pages that people read. */
export const pages = () => [
  path("README.md"),
  ...files(path("docs")).filter((file) => file.endsWith(".md") && !/node_modules|\.vitepress/.test(file)),
];

/**
 * The blocks of a page in these languages, each with the line it begins at.
 *
 * @param {string} page @param {string[]} languages
 */
export function blocksOf(page, languages) {
  const text = readFileSync(page, "utf8");
  return [...text.matchAll(BLOCK)]
    .filter(([, , language = ""]) => languages.includes(language))
    .map(({ 1: indent = "", 2: language = "", 3: code = "", index }) => ({
      language,
      line: text.slice(0, index).split("\n").length + 1,
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }));
}
