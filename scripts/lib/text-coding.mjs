/** What jsdom and Hermes lack, in the builds that get there: `js/io/text-coding.ts` stands in for it. */

import { readFileSync } from "node:fs";
import { posix } from "node:path";

import { path } from "./run.mjs";

/** Where a build has it. */
export const CODING = "io/text-coding.js";

/** The module itself, as TypeScript. */
export const codingSource = () => readFileSync(path("js", CODING.replace(".js", ".ts")), "utf8");

/** A module that takes the classes from there, if it uses any. @param {string} name Its place in the build. @param {string} source */
export function withCoding(name, source) {
  if (name === CODING || !/\bnew Text(En|De)coder\b/.test(source)) return source;
  const link = posix.relative(posix.dirname(name), CODING);
  return `import { TextEncoder, TextDecoder } from "${link.startsWith(".") ? link : `./${link}`}";\n${source}`;
}
