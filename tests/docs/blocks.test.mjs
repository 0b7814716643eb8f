/** The code of README and docs: what it names exists, and takes what it is given. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { transform } from "esbuild";

import { path } from "../../scripts/lib/run.mjs";
import { blocksOf, pages } from "./blocks.mjs";

const place = path("target/docs-blocks");
/** @param {string} page @param {number} line */
const nameOf = (page, line) => `${page.slice(path(".").length).replaceAll(/\W+/g, "-").replace(/^-/, "")}-${line}`;

test("every block of code compiles, against the types that are published", () => {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  for (const file of ["globals.d.ts", "frameworks.d.ts"]) cpSync(path("tests/docs", file), `${place}/${file}`);
  let count = 0;
  for (const page of pages()) {
    for (const { line, code } of blocksOf(page, ["js", "ts"])) {
      count += 1;
      writeFileSync(`${place}/${nameOf(page, line)}.ts`, `${code}\nexport {};\n`);
    }
  }
  assert.ok(count > 25, `${count} blocks`);
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "dom", "dom.iterable"],
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    skipLibCheck: true,
    noImplicitAny: false,
    noEmit: true,
    types: ["node"],
  };
  writeFileSync(`${place}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ["."] }));
  const tsc = path("node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", place], { encoding: "utf8" });
  } catch (error) {
    assert.fail(/** @type {any} */ (error).stdout);
  }
});

test("components are written as a compiler of JSX takes them", async () => {
  for (const page of pages())
    for (const { language, code } of blocksOf(page, ["jsx", "tsx"]))
      await transform(code, { loader: /** @type {"jsx" | "tsx"} */ (language) });
});
