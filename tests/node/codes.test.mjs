/** The union of error codes: a program that tells errors apart by it would miss a code that is not in it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { FAILURE_CODES } from "../../target/modules/edge/core/wire.js";

const read = (/** @type {string} */ file) => readFileSync(path("js", file), "utf8");
const known = new Set([...read("errors/codes.ts").matchAll(/^ {2}\| "(\w+)"/gm)].map(([, code]) => code));
const refusals = [...read("proxy/refusals.ts").matchAll(/^ {2}\[[\w.]+\]: \[\s*"(\w+)"/gm)].map(([, code]) => code);

/** Failures that become another error on their way. */
const INNER = ["http", "callers_own"];

test("every code of a failure, of a response and of the proxy is in the union", () => {
  const explain = read("errors/explain.ts");
  const byStatus = [...explain.matchAll(/^ {2}\d+: "(\w+)"/gm)].map(([, code]) => code);
  const returned = [...explain.matchAll(/(?:return|[?:]) "([a-z]+_[a-z_]+)"/g)].map(([, code]) => code);
  const failures = FAILURE_CODES.filter((/** @type {string} */ code) => !INNER.includes(code));
  assert.ok(byStatus.length > 5 && returned.length > 5 && refusals.length > 20 && failures.length > 20);
  for (const code of [...failures, ...byStatus, ...returned, ...refusals]) assert.ok(known.has(code), code);
});

test("every model error that is a code of its own is in the union", () => {
  const [, pattern = ""] = /MODEL_ERRORS =\s*\/(.*)\/;/.exec(read("errors/explain.ts")) ?? [];
  const models = new RegExp(pattern);
  const listed = /type ModelCode =([^;]*)/.exec(read("errors/codes.ts"))?.[1]?.match(/\w+/g) ?? [];
  assert.ok(listed.length > 20);
  for (const code of listed) assert.match(code, models);
  for (const code of alternatives(pattern.slice(2, -2))) assert.ok(known.has(code), code);
});

/** Every text that a pattern of alternatives in parentheses matches. @param {string} pattern @returns {string[]} */
function alternatives(pattern) {
  const [whole, before = "", inner = "", optional, after = ""] =
    /^([^()]*)\(((?:[^()]|\([^()]*\))*)\)(\??)(.*)$/.exec(splitAt(pattern)[0] ?? "") ?? [];
  const parts = splitAt(pattern);
  if (parts.length > 1) return parts.flatMap(alternatives);
  if (whole === undefined) return [pattern];
  const middles = [...splitAt(inner).flatMap(alternatives), ...(optional ? [""] : [])];
  return middles.flatMap((middle) => alternatives(after).map((end) => before + middle + end));
}

/** The alternatives outside of parentheses. @param {string} pattern */
function splitAt(pattern) {
  let depth = 0;
  const parts = [""];
  for (const letter of pattern) {
    if (letter === "(") depth += 1;
    if (letter === ")") depth -= 1;
    if (letter === "|" && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts;
}
