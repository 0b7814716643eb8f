/** Vitest, as it comes: fal in memory, for a server and for a page. */

import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";

import { emulatorPackage } from "../../scripts/lib/emulator-package.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { programs } from "./lib/programs.mjs";

const VITEST = { vitest: "4.1.12", jsdom: "29.1.1" };

/** A minute of work takes no time, and what is ordered goes wrong. @param {string} environment */
const program = (environment) => `// @vitest-environment ${environment}
import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { createFalClient } from "fal-wasm";
import { createTestFal } from "fal-wasm/testing";
test("a unit test", async () => {
  const fal = await createTestFal({ settings: { queue: { ahead: 2, run_ms: 60000 } } });
  const { data } = await fal.fal.subscribe("emulator/echo", { input: { a: 1 } });
  fal.faults({ then: { drop: "after" } });
  const { code } = await fal.fal.run("emulator/echo").catch((error) => error);
  const own = createFalClient(typeof document === "object" ? fal.page : fal.server);
  const { input } = (await own.run("emulator/echo", { input: { b: 2 } })).data;
  fal.close();
  writeFileSync("report.json", JSON.stringify({ first: data.input, code, input }));
});
`;

/** @type {import("./lib/kit.mjs").Cell[]} */
export default ["node", "jsdom"].map((environment) => ({
  name: `Vitest 4, ${environment}: fal-wasm/testing`,
  async run(kit) {
    const cwd = await kit.consumer("vitest", { "app.test.js": program(environment) }, VITEST);
    cpSync(await emulatorPackage(), `${cwd}/node_modules/fal-emulator`, { recursive: true });
    cpSync(path("node_modules/ws"), `${cwd}/node_modules/ws`, { recursive: true });
    await programs(cwd, kit.env).run(["vitest/vitest.mjs", "run"]);
    const report = JSON.parse(readFileSync(`${cwd}/report.json`, "utf8"));
    assert.deepEqual(report, { first: { a: 1 }, code: "connection_lost", input: { b: 2 } });
  },
}));
