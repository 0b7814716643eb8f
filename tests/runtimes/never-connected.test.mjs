/** In every server runtime the proxy tells a fal that nothing reached from one whose answer was lost. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { path, run } from "../../scripts/lib/run.mjs";
import { runtimes } from "../../scripts/lib/setup.mjs";

const EXPECTED = {
  "nobody listens": "upstream_unreachable",
  "nobody listens, over TLS": "upstream_unreachable",
  "hangs up at once": "upstream_broken",
  "hangs up after the request": "upstream_broken",
};

const bin = await runtimes();
for (const [name, program, args] of /** @type {const} */ ([
  ["Node", process.execPath, []],
  ["Node 24", bin.node, []],
  ["Deno", bin.deno, ["run", "--quiet", "--no-lock", "--allow-env", "--allow-read", "--allow-net=127.0.0.1"]],
  ["Bun", bin.bun, ["run"]],
])) {
  test(name, async () => {
    const said = await run(program, [...args, path("tests/runtimes/never-connected.mjs")], { quiet: true });
    const { "hangs up in the handshake": handshake, ...others } = JSON.parse(said.trim().split("\n").at(-1) ?? "");
    assert.deepEqual(others, EXPECTED);
    // Bun does not say how far it got.
    assert.equal(handshake, name === "Bun" ? "upstream_broken" : "upstream_unreachable");
  });
}
