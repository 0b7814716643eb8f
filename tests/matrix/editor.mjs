/** What an editor says while a call is written: the fields of its input, and what is wrong with it. */

import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { path } from "../../scripts/lib/run.mjs";

/** The last TypeScript whose language service is a library. */
const TYPESCRIPT = { typescript: "5.9.3" };

const FIELDS = ["prompt", "image_size", "num_inference_steps", "seed", "guidance_scale", "sync_mode", "num_images"];

/** Each way to run a model, with options that end at a cursor or in a typo. */
const CALLS = ["run", "subscribe", "stream", "queue.submit"];

/** @param {string} options */
const program = (options) =>
  ['import type {} from "fal-wasm/endpoints";', 'import { fal } from "fal-wasm";']
    .concat(CALLS.map((call) => `void fal.${call}("fal-ai/flux/dev", ${options});`))
    .join("\n");

/** TypeScript's language service for one file of an app. @param {string} cwd @param {string} text */
function serviceOf(cwd, text) {
  const ts = createRequire(join(cwd, "app.js"))("typescript");
  const file = join(cwd, "app.ts");
  const host = {
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (/** @type {string} */ name) =>
      name === file || ts.sys.fileExists(name)
        ? ts.ScriptSnapshot.fromString(name === file ? text : readFileSync(name, "utf8"))
        : undefined,
    fileExists: (/** @type {string} */ name) => name === file || ts.sys.fileExists(name),
    getCurrentDirectory: () => cwd,
    getCompilationSettings: () => ({
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      strict: true,
      types: [],
    }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  };
  const service = ts.createLanguageService(host);
  return {
    /** The names offered at a place. @param {number} place @returns {string[]} */
    offered: (place) =>
      (service.getCompletionsAtPosition(file, place, {})?.entries ?? []).map((/** @type {any} */ { name }) => name),
    /** @returns {string[]} */
    errors: () =>
      service
        .getSemanticDiagnostics(file)
        .map((/** @type {any} */ { messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
  };
}

/** @param {import("./lib/kit.mjs").Kit} kit @param {string} text */
async function edited(kit, text) {
  const cwd = await kit.consumer("editor", {}, TYPESCRIPT);
  cpSync(path("node_modules/@fal-ai/client"), `${cwd}/node_modules/@fal-ai/client`, { recursive: true });
  return serviceOf(cwd, text);
}

/** @type {import("./lib/kit.mjs").Cell[]} */
export default [
  {
    name: "the fields of an input are offered, and nothing else",
    async run(kit) {
      const text = program("{ input: { /* here */ } }");
      const { offered } = await edited(kit, text);
      for (const { index } of text.matchAll(/\/\* here/g)) {
        const names = offered(index);
        for (const field of FIELDS) assert.ok(names.includes(field), `${field} of ${names.slice(0, 20)}`);
        assert.ok(names.length < 20, `${names.length} names are offered`);
      }
    },
  },
  {
    name: "ids of endpoints are offered",
    async run(kit) {
      const text = program("{}").replaceAll("fal-ai/flux/dev", "fal-ai/");
      const { offered } = await edited(kit, text);
      for (const { index } of text.matchAll(/fal-ai\//g)) assert.ok(offered(index + 7).includes("fal-ai/flux/dev"));
    },
  },
  {
    name: "a typo is named, with what it should be, and nothing is said of overloads or never",
    async run(kit) {
      const { errors } = await edited(kit, program('{ input: { prompt: "", num_imags: 2 } }'));
      const said = errors();
      assert.equal(said.length, CALLS.length, said.join("\n"));
      for (const error of said) {
        assert.match(error, /'num_imags'.* Did you mean to write 'num_images'\?/);
        assert.doesNotMatch(error, /overload|never/i);
      }
    },
  },
];
