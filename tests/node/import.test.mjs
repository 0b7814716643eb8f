/** What importing the package costs a server: few files, and nothing of the platform that is loaded at its first use. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { path, run } from "../../scripts/lib/run.mjs";

/** What Node makes when somebody looks at it: all but the last two bring its whole `fetch`, which takes as long as our import. */
const LAZY = "fetch FormData Headers Request Response MessageEvent WebSocket EventSource CloseEvent crypto navigator";

/** A file takes Node a third of a millisecond. The client was eighty of them. */
const MOST_FILES = 15;

const PROGRAM = `
const looked = [];
for (const name of ${JSON.stringify(LAZY.split(" "))}) {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
  const get = () => {
    looked.push(name);
    return descriptor?.get ? descriptor.get.call(globalThis) : descriptor?.value;
  };
  Object.defineProperty(globalThis, name, { configurable: true, get, set: () => {} });
}
await import(process.argv[1]);
console.log(JSON.stringify(looked));
`;

/** @param {string} file An entry of the package. */
async function imported(file) {
  const hooks = String(pathToFileURL(path("tests/lib/loaded.mjs")));
  const flags = ["--no-warnings", "--import", hooks, "--input-type=module", "--eval", PROGRAM];
  const said = (await run(process.execPath, [...flags, String(pathToFileURL(path(file)))], { quiet: true })).trim();
  const lines = said.split("\n");
  return {
    looked: JSON.parse(lines.at(-1) ?? ""),
    files: lines.filter((line) => line.startsWith("loaded ") && line.includes("/dist/")).length,
  };
}

const { exports } = JSON.parse(readFileSync(path("package.json"), "utf8"));
const entriesOf = (/** @type {any} */ target) =>
  /** @type {string[]} */ (typeof target === "string" ? [target] : Object.values(target).flatMap(entriesOf)).filter(
    (file) => /^\.\/dist\/(edge|browser|no-wasm)\/(?!server-only).*\.js$/.test(file),
  );
// React, Vue and what else an entry in `shared` needs looks at what it likes.
for (const file of new Set(Object.values(exports).flatMap(entriesOf))) {
  test(`importing ${file} looks at nothing of the platform that is made when it is looked at`, async () => {
    const { looked, files } = await imported(file);
    assert.deepEqual(looked, []);
    assert.ok(files > 0);
    if (file.startsWith("./dist/edge/")) assert.ok(files <= MOST_FILES, `${files} files`);
  });
}
