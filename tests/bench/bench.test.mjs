/** Every benchmark, once and quickly: whoever wants to know what is fast finds it working. No time is judged here. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { BENCHMARKS, COMPILED, measured } from "../../bench/lib/measured.mjs";
import { rowOf, tableOf } from "../../bench/lib/rows.mjs";
import { path, run } from "../../scripts/lib/run.mjs";
import { alternate, quantile } from "../../bench/lib/stats.mjs";

for (const name of BENCHMARKS.filter((name) => !COMPILED.includes(name))) {
  test(`${name} measures both sides`, async () => {
    const rows = await measured(name, { quick: true });
    assert.ok(rows.length > 0);
    for (const { what, ours } of rows) assert.ok(Number.isFinite(ours), what);
    assert.ok(rows.some(({ theirs, goal }) => goal !== undefined || theirs !== undefined));
  });
}

/** It is compiled by `npm run bench -- rust` only, which takes minutes. */
test("the program in Rust is in order, and is compiled with the crate that the table names", async () => {
  const { FAL_CRATE } = await import("../../bench/rust.mjs");
  const read = (/** @type {string} */ file) => readFileSync(path(file), "utf8");
  assert.ok(read("bench/apps/rust/Cargo.lock").includes(`name = "fal"\nversion = "${FAL_CRATE}"`));
  assert.ok(read("BENCHMARKS.md").includes(`\`fal\` ${FAL_CRATE}`));
  await run("rustfmt", ["--check", "--edition", "2024", path("bench/apps/rust/src/main.rs")], { quiet: true });
});

test("sides take turns, forwards and backwards, and what warms up is forgotten", async () => {
  globalThis.gc ??= /** @type {any} */ (() => {});
  const order = /** @type {string[]} */ ([]);
  const turn = (/** @type {string} */ name) => () => order.push(name);
  const samples = await alternate({ a: turn("a"), b: turn("b") }, { rounds: 2, warm: 1 });
  assert.equal(order.join(""), "baabba");
  assert.deepEqual(samples, { a: [3, 6], b: [4, 5] });
});

test("a row compares round by round, and says whether its goal is met", () => {
  const samples = { ours: [1, 2, 9], theirs: [2, 4, 9] };
  const { ratio, goal, met } = rowOf("x", "ms", samples, { most: 0.4 });
  assert.deepEqual([ratio?.median, ratio?.high, goal, met], [0.5, 0.75, "≤ 0.4", false]);
  assert.equal(rowOf("x", "/s", samples, { least: 0.5 }).met, true);
  const alone = rowOf("x", "MiB", samples, { most: 2, alone: true });
  assert.deepEqual([alone.ratio, alone.goal, alone.met], [undefined, "≤ 2 MiB", true]);
  assert.match(tableOf([alone]), /\| x +\| MiB +\| 2 +\| 4 +\|.*\| ≤ 2 MiB \| met +\|$/m);
  assert.equal(quantile([4, 1, 3, 2], 0.25), 1.75);
});
