/** What tools that read types and manifests say of the package. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { path } from "../../scripts/lib/run.mjs";
import { RESOLUTIONS, projectOf } from "../lib/compiler.mjs";
import { programs } from "./lib/programs.mjs";

/** @typedef {import("./lib/kit.mjs").Cell} Cell */

const PUBLINT = { publint: "0.3.25" };
const ATTW = { "@arethetypeswrong/cli": "0.18.5" };
const { exports } = JSON.parse(readFileSync(path("package.json"), "utf8"));
const COMPILERS = ["5.9.3", "7.0.2"];

/** The package is made of ES modules only; `require` takes those, on every Node that the package is for. */
const KNOWN = "cjs-resolves-to-esm";

/** @param {string} version @returns {Cell[]} */
const compiledBy = (version) =>
  RESOLUTIONS.map((resolution) => ({
    name: `TypeScript ${version}, ${resolution[0]}, strict and exact`,
    async run(kit) {
      const files = {
        "types.ts": readFileSync(path("tests/package/consumer/types.ts"), "utf8"),
        "tsconfig.json": projectOf(resolution, ["types.ts"]),
      };
      const cwd = await kit.consumer("types", files, { typescript: version });
      await programs(cwd).run(["typescript/bin/tsc", "-p", "."]);
    },
  }));

/** @type {Cell[]} */
export default [
  ...COMPILERS.flatMap(compiledBy),
  {
    name: "publint",
    async run(kit) {
      const cwd = await kit.consumer("publint", {}, PUBLINT);
      const said = await programs(cwd).run(["publint/src/cli.js", kit.tarball, "--strict"]);
      assert.match(said, /All good/);
    },
  },
  {
    name: `Are the types wrong?, but for ${KNOWN}`,
    async run(kit) {
      const cwd = await kit.consumer("attw", {}, ATTW);
      // It reports old resolutions that know no exports, and so no subpaths; they are not judged.
      const args = ["--profile", "node16", "--ignore-rules", KNOWN, "--format", "json"];
      const said = await programs(cwd).run(["@arethetypeswrong/cli/dist/index.js", kit.tarball, ...args]);
      const { analysis } = JSON.parse(said);
      const problems = analysis.problems
        .filter(
          (/** @type {any} */ { kind, resolutionKind }) => kind !== "CJSResolvesToESM" && resolutionKind !== "node10",
        )
        .map((/** @type {any} */ { kind, entrypoint, resolutionKind }) => ({ kind, entrypoint, resolutionKind }));
      assert.deepEqual(problems, []);
      assert.equal(Object.keys(analysis.entrypoints).length, Object.keys(exports).length);
    },
  },
];
