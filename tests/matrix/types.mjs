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

const PROGRAM = readFileSync(path("tests/package/consumer/types.ts"), "utf8");
const [IMPORTS = "", BODY = ""] = PROGRAM.split(/(?<=^import [^;]*;\n)(?!import)/m);
/** The same in a function: CommonJS has no `await` outside of one. */
const COMMONJS = `${IMPORTS}export async function program() {
${BODY.replace(/^export (default )?/gm, (_, isDefault) => (isDefault ? "void " : ""))}}
`;

/** What knows no `exports`; newer compilers do not have it. */
const NODE10 = ["node10", "commonjs"];

/** @param {string} version @returns {Cell[]} */
const compiledBy = (version) =>
  [
    ...RESOLUTIONS.map((resolution) => ({ resolution, file: "types.ts" })),
    // As CommonJS, from where `import` is `require`.
    { resolution: ["node16", "node16"], file: "types.cts" },
    ...(version.startsWith("5.") ? [{ resolution: NODE10, file: "types.ts" }] : []),
  ].map(({ resolution, file }) => ({
    name: `TypeScript ${version}, ${resolution[0]}${file.endsWith("cts") ? ", CommonJS" : ""}, strict and exact`,
    async run(kit) {
      const files = {
        [file]: file.endsWith("cts") || resolution === NODE10 ? COMMONJS : PROGRAM,
        "tsconfig.json": projectOf(resolution, [file]),
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
    name: "Are the types wrong?",
    async run(kit) {
      const cwd = await kit.consumer("attw", {}, ATTW);
      const args = ["--format", "json"];
      const said = await programs(cwd).run(["@arethetypeswrong/cli/dist/index.js", kit.tarball, ...args]);
      const { analysis } = JSON.parse(said);
      assert.deepEqual(analysis.problems, []);
      assert.equal(Object.keys(analysis.entrypoints).length, Object.keys(exports).length);
    },
  },
];
