/** `fal-wasm dev`: what it prints works as it stands, and a project without the emulator is told how to get it. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { emulatorPackage } from "../../scripts/lib/emulator-package.mjs";
import { path } from "../../scripts/lib/run.mjs";

const folder = mkdtempSync(join(tmpdir(), "dev-"));
after(() => rmSync(folder, { recursive: true }));
// Outside of the repository, where nothing is installed but this package.
writeFileSync(join(folder, "package.json"), "{}");
mkdirSync(join(folder, "node_modules/fal-wasm"), { recursive: true });
for (const name of ["dist", "package.json"])
  cpSync(path(name), join(folder, "node_modules/fal-wasm", name), { recursive: true });

/** Starts it. What it writes up to now, and how it ended. @param {string[]} args */
function start(...args) {
  const main = join(folder, "node_modules/fal-wasm/dist/cli/main.js");
  const child = spawn(process.execPath, [main, "dev", ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  const ended = new Promise((done) => child.on("close", done));
  const ready = new Promise((done) => {
    child.stdout.on("data", (chunk) => (said.out += chunk).includes("__control") && done(undefined));
  });
  child.stderr.on("data", (chunk) => (said.err += chunk));
  return { said, ended, ready: Promise.race([ready, ended]), stop: () => child.kill("SIGINT") };
}

test("without the package it says the one command that gets it", async () => {
  const { said, ended } = start();
  assert.equal(await ended, 2);
  assert.match(said.err, /npm install --save-dev fal-emulator$/m);
});

test("what it prints is what a server and a page need", async () => {
  symlinkSync(await emulatorPackage(), join(folder, "node_modules/fal-emulator"), "junction");
  const { said, ended, ready, stop } = start("--port", "0", "--app", "--settings", '{"queue":{"run_ms":5}}');
  await ready;
  const env = Object.fromEntries([...said.out.matchAll(/^(FAL_\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]));
  assert.deepEqual(Object.keys(env), ["FAL_BASE_URL", "FAL_KEY"]);
  const fal = createFalClient({ env });
  assert.deepEqual((await fal.subscribe("emulator/echo", { input: { a: 1 } })).data.input, { a: 1 });
  const [, proxyUrl = ""] = /proxyUrl: "(.+)"/.exec(said.out) ?? [];
  for (const [origin, status] of /** @type {const} */ ([
    ["http://localhost:5173", 200],
    ["https://evil.example", 403],
  ])) {
    const headers = { "x-fal-target-url": "https://fal.run/emulator/echo", "content-type": "application/json", origin };
    const answer = await fetch(proxyUrl, { method: "POST", headers, body: '{"b":2}' });
    assert.equal(answer.status, status, origin);
  }
  stop();
  assert.equal(await ended, 0);
  assert.match(said.err, /POST 127\.0\.0\.1:\d+ \/fal\.run\/emulator\/echo 200/);
  assert.ok(!said.err.includes(env.FAL_KEY?.split(":")[1] ?? "?"));
});

test("what it does not understand is an error", async () => {
  for (const args of [["--prot", "1"], ["--port", "x"], ["--settings", "{"], ["extra"]]) {
    const { said, ended } = start(...args);
    assert.equal(await ended, 2, args.join(" "));
    assert.notEqual(said.err, "");
  }
});
