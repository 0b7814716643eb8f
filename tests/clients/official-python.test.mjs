/** The published `fal-client` for Python against the emulator: it judges the emulator, not itself. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { python } from "../../scripts/lib/setup.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const interpreter = await python();

/** Runs the script; each of its checks is a test. @param {import("node:test").TestContext} t @param {string} prefix */
async function judge(t, prefix) {
  const emulator = await startEmulator({ keys: ACCOUNTS });
  const env = { ...process.env, ...interpreter.env, FAL_KEY: KEY, PREFIX: prefix };
  const script = path("tests/clients/official_python.py");
  const child = spawn(interpreter.program, [script, emulator.url], { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  emulator.stop();
  let failure = "";
  for (const line of lines) {
    const [, verdict, name] = /^(ok  |FAIL) (.*)$/.exec(line) ?? [];
    if (verdict === "ok  ") await t.test(name, () => {});
    else failure += `${line}\n`;
  }
  assert.equal(await ended, 0, failure);
  assert.ok(lines.length > 15, "the checks did not run");
}

test("fal-client, its hosts at the emulator", (t) => judge(t, ""));
test("fal-client, told by FAL_RUN_HOST and FAL_QUEUE_RUN_HOST", (t) => judge(t, "1"));
