/** What a release says of itself, what is in it, and that it can be made again. */

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { after, test } from "node:test";

import { assembleInto } from "../../scripts/build.mjs";
import { emulatorPackage } from "../../scripts/lib/emulator-package.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { npm } from "../../scripts/lib/setup.mjs";
import { files } from "../../scripts/lib/stamp.mjs";

const FOLDERS = [path("."), await emulatorPackage()];
const manifestOf = (/** @type {string} */ folder) => JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));

/** The files that npm would publish. @param {string} folder @returns {Promise<string[]>} */
async function packed(folder) {
  const said = await npm(["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: folder });
  return JSON.parse(said)[0]
    .files.map((/** @type {{ path: string }} */ file) => file.path)
    .sort();
}

test("every package says where it comes from, and is published with proof of it", () => {
  const [crate = ""] = /(?<=^repository = ").+(?="$)/m.exec(readFileSync(path("Cargo.toml"), "utf8")) ?? [];
  for (const folder of FOLDERS) {
    const { repository, homepage, bugs, publishConfig } = manifestOf(folder);
    assert.equal(repository.url, `git+${crate}.git`);
    assert.equal(folder, path(repository.directory ?? "."));
    assert.ok(homepage.startsWith(crate) && homepage.endsWith("#readme"), homepage);
    assert.equal(bugs, `${crate}/issues`);
    assert.deepEqual(publishConfig, { access: "public", provenance: true });
  }
});

test("the emulator's package holds these files", async () => {
  const dist = [
    "cli.js",
    "emulator.wasm",
    "in-memory.d.ts",
    "in-memory.js",
    "index.cjs",
    "index.d.cts",
    "index.d.ts",
    "index.js",
  ];
  const expected = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    ...dist.map((name) => `dist/${name}`),
    "package.json",
  ];
  assert.deepEqual(await packed(path("emulator/npm")), expected.sort());
});

test("the package holds its build, whose every folder is known, and these files", async () => {
  const names = await packed(path("."));
  const outside = names.filter((name) => !name.startsWith("dist/"));
  assert.deepEqual(outside, ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"]);
  assert.deepEqual(
    names.filter((name) => name.startsWith("dist/")),
    files(path("dist"))
      .map((file) => file.slice(path(".").length).replaceAll("\\", "/").replace(/^\//, ""))
      .sort(),
  );
  const folders = new Set(names.map((name) => /^dist\/((?:cjs\/)?[a-z-]+)\//.exec(name)?.[1]).filter(Boolean));
  const builds = ["browser", "edge", "no-wasm", "shared", "types"];
  assert.deepEqual([...folders].sort(), ["cjs", "cli", ...builds, ...builds.map((name) => `cjs/${name}`)].sort());
});

test("the same sources make the same bytes", async () => {
  const [again, modules] = [path("target/dist-again"), path("target/modules-again")];
  after(() => [again, modules].forEach((folder) => rmSync(folder, { recursive: true, force: true })));
  await assembleInto(again, modules);
  const contents = (/** @type {string} */ folder) =>
    Object.fromEntries(files(folder).map((file) => [file.slice(folder.length), readFileSync(file, "base64")]));
  const [one, other] = [contents(path("dist")), contents(again)];
  assert.deepEqual(Object.keys(other), Object.keys(one));
  for (const [file, bytes] of Object.entries(one)) assert.ok(other[file] === bytes, file);
});
