/**
 * Every name that a program can have from the official client's types is in ours, too, or stands under "Deliberate
 * differences" (docs/guide/migrating.md): its exports, the options of its calls, the members of its parts.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import * as official from "@fal-ai/client";
import * as ours from "fal-wasm";

import { path } from "../../scripts/lib/run.mjs";

const SURFACE = path("tests/clients/official-surface.ts");
const TYPES = path("node_modules/@fal-ai/client/src");

/** What Node adds to the exports of CommonJS. */
const MODULE = ["__esModule", "default"];

/** @param {string} file */
function compile(file) {
  const flags =
    "--strict --noEmit --skipLibCheck --target es2022 --lib es2022,dom,dom.iterable --module nodenext --types".split(
      " ",
    );
  try {
    execFileSync(process.execPath, [path("node_modules/typescript/bin/tsc"), ...flags, "", "--ignoreConfig", file], {
      encoding: "utf8",
      cwd: path("."),
    });
  } catch (error) {
    assert.fail(/** @type {any} */ (error).stdout);
  }
}

/** The names that a file of declarations exports, types and values. @param {string} file @returns {string[]} */
function exported(file) {
  const text = readFileSync(`${TYPES}/${file}.d.ts`, "utf8");
  const listed = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = ""]) => names.split(","));
  const declared = [...text.matchAll(/^export (?:declare )?(?:type|interface|const|function|class) (\w+)/gm)];
  const others = [...text.matchAll(/^export \* from "\.\/([\w/]+)"/gm)].flatMap(([, other = ""]) => exported(other));
  return [
    ...listed.map((name) => name.replace("type ", "").trim()),
    ...declared.map(([, name = ""]) => name),
    ...others,
  ].filter(Boolean);
}

test("what the official client exports is exported here", () => {
  assert.deepEqual(
    Object.keys(official).filter((name) => !MODULE.includes(name) && !(name in ours)),
    [],
  );
  const names = [...new Set(exported("index"))];
  assert.ok(names.length > 30, names.join());
  mkdirSync(path("target/official-surface"), { recursive: true });
  const file = path("target/official-surface/names.ts");
  writeFileSync(file, `export type { ${names.join(", ")} } from "fal-wasm";\n`);
  compile(file);
});

test("its options and members are ours, or their difference is told", () => {
  compile(SURFACE);
  const told = readFileSync(path("docs/guide/migrating.md"), "utf8").split("## Deliberate differences")[1] ?? "";
  const [, differences = ""] = /interface Differences \{([^}]*)\}/.exec(readFileSync(SURFACE, "utf8")) ?? [];
  for (const [, name] of differences.matchAll(/"(\w+)"(?!:)/g)) assert.ok(told.includes(`\`${name}\``), name);
});
