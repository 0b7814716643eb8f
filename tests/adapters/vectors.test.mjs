/**
 * Every vector of the proxy, through every adapter and in every runtime: the same decision everywhere, nothing sent to fal
 * on a refusal, and an answer each time. workerd has them in its own place.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";

import { edgeModule } from "../../scripts/lib/edge.mjs";
import { path, run } from "../../scripts/lib/run.mjs";
import { runtimes } from "../../scripts/lib/setup.mjs";
import { servers } from "../lib/frameworks.mjs";
import { decideAll } from "../lib/vectors.mjs";

const suite = JSON.parse(readFileSync(path("tests/data/proxy-vectors.json"), "utf8"));
const bin = await runtimes();

/** What a framework refuses itself, in its own words: a form, and an empty body that says it is JSON. */
const OWN_REFUSALS = { "Fastify with its own parsers": ["me-options", "hd-form"] };

test("Node", async () => assert.deepEqual(await decideAll(createFalProxy, suite), []));

for (const [name, serve] of Object.entries(servers)) {
  test(name, async (t) => {
    /** @type {import("../lib/vectors.mjs").Proxy} */
    let current;
    const { send, stop } = await serve((request) => current(request));
    t.after(stop);
    const through = (/** @type {typeof current} */ proxy) => {
      current = proxy;
      return send;
    };
    const others = (await decideAll(createFalProxy, suite, through)).map(({ id, problem }) => `${id}: ${problem}`);
    const own = /** @type {Record<string, string[]>} */ (OWN_REFUSALS)[name] ?? [];
    assert.deepEqual(
      others.map((text) => text.split(":")[0]),
      own,
      others.join("\n"),
    );
  });
}

test("the edge runtime of Vercel and Next.js", async () => {
  const { exported } = await edgeModule(path("tests/adapters/vectors-edge.mjs"));
  assert.equal(exported.runtime(), "edge-runtime");
  assert.deepEqual([...(await exported.problems())], []);
});

for (const [name, program, args] of /** @type {const} */ ([
  ["Node 24", bin.node, []],
  ["Deno", bin.deno, ["run", "--quiet", "--no-lock", "--allow-net=127.0.0.1", "--allow-env", "--allow-read"]],
  ["Bun", bin.bun, ["run"]],
])) {
  test(name, async () => {
    const said = await run(program, [...args, path("tests/adapters/vectors-here.mjs")], { quiet: true });
    const expected = { decided: suite.vectors.length, asIs: [], behindNode: [] };
    assert.deepEqual(JSON.parse(said.trim().split("\n").at(-1) ?? ""), expected);
  });
}
