/** Servers and things that look like one: the edge build trusts the former, and refuses a key everywhere else. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";

/** What becomes of a key after this was done to the globals. @param {string} change */
function after(change) {
  const code = `${change};
    const { createFalClient } = await import("fal-wasm");
    try { createFalClient({ credentials: "id:secret" }); console.log("accepted") } catch (error) { console.log(error.code) }`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: path("."),
    encoding: "utf8",
  }).trim();
}

const define = (/** @type {string} */ name, /** @type {string} */ value) =>
  `Object.defineProperty(globalThis, "${name}", { value: ${value}, configurable: true })`;
const withoutProcess = "const own = process; delete globalThis.process";

for (const [name, change, expected] of [
  ["Node", "", "accepted"],
  ["Node with a document, as in test tools that simulate a page", define("document", "{}"), "credentials_in_browser"],
  ["React Native", define("navigator", '{ product: "ReactNative" }'), "credentials_in_browser"],
  ["a global without anything", withoutProcess, "credentials_in_browser"],
  [
    "a bundler's process",
    `${withoutProcess}; ${define("process", '{ versions: { node: "20" }, env: {} }')}`,
    "credentials_in_browser",
  ],
  ["edge-light", `${withoutProcess}; ${define("EdgeRuntime", '"edge-runtime"')}`, "accepted"],
]) {
  test(`${name}: ${expected}`, () => assert.equal(after(change), expected));
}

test("who insists on being a server has to give a reason", () => {
  const code = `${define("document", "{}")};
    const { createFalClient } = await import("fal-wasm");
    createFalClient({ credentials: "id:secret", dangerouslyTreatAsServer: "rendering pages in a test" });
    try { createFalClient({ credentials: "id:secret", dangerouslyTreatAsServer: true }) } catch (error) { console.log(error.code) }`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: path("."),
    encoding: "utf8",
  });
  assert.equal(output.trim(), "invalid_option");
});

test("only what could be a key is refused, and a function when it gives one", () => {
  const code = `${define("document", "{}")};
    const { createFalClient } = await import("fal-wasm");
    const proxyUrl = "/api/fal/proxy";
    const make = (credentials) => createFalClient({ proxyUrl, credentials, fetch: async () => Response.json({}) });
    for (const credentials of ["", null, undefined, () => undefined, () => ""]) await make(credentials).run("a/b");
    let given;
    const later = make(() => given);
    given = "id:secret";
    await later.run("a/b").catch(({ code }) => console.log(code));
    for (const credentials of ["x", () => "x", async () => undefined]) {
      try { make(credentials) } catch ({ code }) { console.log(code) }
    }`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: path("."),
    encoding: "utf8",
  });
  assert.deepEqual(output.trim().split("\n"), Array(4).fill("credentials_in_browser"));
});

test("without WebAssembly importing does not fail, and the first call says what is missing", () => {
  const code = `WebAssembly.Module = function () { throw new EvalError("not allowed") };
    const { fal } = await import("fal-wasm");
    fal.run("a/b").catch(({ code, cause }) => console.log(code, cause.name));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: path("."),
    encoding: "utf8",
  });
  assert.equal(output.trim(), "webassembly_missing EvalError");
});
