/** Sockets with a key on the handshake, in every server runtime that opens them in a way of its own. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path, run } from "../../scripts/lib/run.mjs";
import { runtimes } from "../../scripts/lib/setup.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const bin = await runtimes();
const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

const answer = await emulator.fetch("https://rest.fal.ai/tokens/", {
  method: "POST",
  headers: { authorization: `Key ${KEY}`, "content-type": "application/json" },
  body: JSON.stringify({ allowed_apps: ["echo"], token_expiration: 600 }),
});
const env = { EMULATOR: emulator.url, FAL_KEY: KEY, TOKEN: await answer.json() };
const echoed = [1, 2, 3].map((n) => [n, n]);

for (const [name, program, args] of /** @type {const} */ ([
  ["Node 24", bin.node, []],
  ["Deno", bin.deno, ["run", "--quiet", "--no-lock", "--allow-net=127.0.0.1", "--allow-env", "--allow-read"]],
  ["Bun", bin.bun, ["run"]],
])) {
  test(`realtime and HTTP over a WebSocket in ${name}`, async () => {
    const output = await run(program, [...args, path("tests/runtimes/scenario.mjs")], { quiet: true, env });
    assert.deepEqual(JSON.parse(output.trim().split("\n").at(-1) ?? ""), {
      withKey: echoed,
      withToken: echoed,
      // The sockets of Node do not say with which status a handshake was refused.
      refused: name === "Node 24" ? "unreachable" : "unauthorized",
      echoes: [1, 2],
      size: 100_000,
    });
  });
}
