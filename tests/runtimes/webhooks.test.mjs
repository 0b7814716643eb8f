/** Webhooks in every server runtime: each has its own Ed25519, and all of them decide alike. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { edgeModule } from "../../scripts/lib/edge.mjs";
import { path, run } from "../../scripts/lib/run.mjs";
import { runtimes } from "../../scripts/lib/setup.mjs";
import { wycheproof, wycheproofFile } from "../lib/wycheproof.mjs";
import { trial } from "./webhook-trial.mjs";

const EXPECTED = {
  answers: [200, 200, 401, 401],
  events: 1,
  status: "OK",
  parsed: "webhook_body_not_raw",
  // A signature of nobody's would be a reason to ask again, but not so soon.
  asked: 1,
  vectors: { count: 151, wrong: [] },
  mutants: [],
};

test(`webhooks in Node ${process.versions.node}`, async () => assert.deepEqual(await trial(wycheproof()), EXPECTED));

const bin = await runtimes();
for (const [name, program, args] of /** @type {const} */ ([
  ["Node 24", bin.node, []],
  ["Deno", bin.deno, ["run", "--quiet", "--no-lock", "--allow-env", "--allow-read"]],
  ["Bun", bin.bun, ["run"]],
])) {
  test(`webhooks in ${name}`, async () => {
    const env = { VECTORS: wycheproofFile() };
    const output = await run(program, [...args, path("tests/runtimes/webhook-scenario.mjs")], { quiet: true, env });
    assert.deepEqual(JSON.parse(output.trim().split("\n").at(-1) ?? ""), EXPECTED);
  });
}

test("webhooks in Vercel's edge runtime", async () => {
  const { exported } = await edgeModule(path("tests/runtimes/webhook-trial.mjs"));
  const text = JSON.stringify(await exported.trial(wycheproof()));
  assert.deepEqual(JSON.parse(text), EXPECTED);
});
