/**
 * The tests of the client once more, on a core that is two in lockstep (`lockstep.mjs`): the JavaScript of `fal-wasm/no-wasm`
 * decides, and whatever it decides is held against WebAssembly, to the last bit of an operation's state.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { files } from "../../scripts/lib/stamp.mjs";

/** What has no operation of the core in it, is about the edge build by itself, or measures what two cores at once distort. */
const OTHERS =
  /\/(platform|proxy|webhook)[\w-]*\.test|\/(cli(-\w+)?|codes|credentials|crossings|endpoint-types|fuzz|globals|init|key-filter|limits[\w-]*|local-hosts|memory|messages|migrate|msgpack|realtime-heap|silence|text-coding|tokens|trap|upload-memory)\.test/;

/** @param {string} name @param {string[]} args */
function inLockstep(name, args) {
  test(name, { timeout: 1_100_000 }, async () => {
    const log = path("target", `lockstep-${name.replace(/\W+/g, "-")}.log`);
    rmSync(log, { force: true });
    const child = spawn(
      process.execPath,
      ["--import", path("tests/no-wasm/lockstep-hooks.mjs"), "--test", "--test-reporter=tap", ...args],
      // A test runner inside of one reports to it in a way of its own.
      { cwd: path("."), env: { ...process.env, LOCKSTEP_LOG: log, NODE_TEST_CONTEXT: undefined } },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    const code = await new Promise((done) => child.on("close", done));
    assert.equal(code, 0, said);
    assert.ok(Number(/^# pass (\d+)$/m.exec(said)?.[1]) >= args.length, said);
    const calls = readFileSync(log, "utf8").split("\n").map(Number);
    // Not by chance on the other core.
    const sum = calls.reduce((sum, count) => sum + count, 0);
    assert.ok(sum > 1_000, `${sum} calls of the core`);
  });
}

inLockstep(
  "the client's tests",
  files(path("tests/node")).filter((file) => file.endsWith(".test.mjs") && !OTHERS.test(file)),
);
inLockstep("a hundred bad days", [path("tests/scenarios/node.test.mjs")]);
