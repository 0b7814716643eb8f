/** The lines of the table in docs/guide/proxy.md: the smallest app of each framework, built, started, and called over its socket. */

import assert from "node:assert/strict";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";

import { path, runOrAgain } from "../../scripts/lib/run.mjs";
import { framework, runtimes } from "../../scripts/lib/setup.mjs";
import { listening } from "../lib/doors.mjs";
import { install, serve } from "../lib/examples.mjs";
import { assertEventsFlow, vectorsAt } from "../lib/recorded.mjs";

const PLACE = "/api/fal/proxy";
// These want a newer Node than the tests themselves.
const { node } = await runtimes();

/** A port that is free. Not all of them can be told to find one, or say which. */
async function freePort() {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
}

/** What looks like a form of another origin's page some refuse themselves, in their own words. */
const OWN_REFUSALS = {
  "hd-textplain": "the refusal does not say why",
  "hd-form": "the refusal does not say why",
};

/** @type {Record<string, { build: string[], start: string[], otherwise?: Record<string, string> }>} How each is built and started. */
const FRAMEWORKS = {
  sveltekit: { build: ["vite", "build"], start: ["build/index.js"], otherwise: OWN_REFUSALS },
  astro: { build: ["astro", "build"], start: ["dist/server/entry.mjs"], otherwise: OWN_REFUSALS },
  "react-router": {
    build: ["react-router", "build"],
    start: ["../node_modules/@react-router/serve/bin.cjs", "build/server/index.js"],
  },
  nitropack: { build: ["nitropack", "build"], start: [".output/server/index.mjs"] },
  nitro: { build: ["nitro", "build"], start: [".output/server/index.mjs"] },
};

for (const [name, { build, start, otherwise = {} }] of Object.entries(FRAMEWORKS)) {
  test(name, async (t) => {
    const program = await framework(/** @type {any} */ (name));
    const cwd = path("target/frameworks", name, "app");
    rmSync(cwd, { recursive: true, force: true });
    cpSync(path("tests/adapters/frameworks", name), cwd, { recursive: true });
    cpSync(path("tests/adapters/recorded.js"), `${cwd}/recorded.js`);
    cpSync(path("tests/data/proxy-vectors.json"), `${cwd}/policy.json`);
    writeFileSync(`${cwd}/package.json`, '{ "type": "module" }');
    install(path("target/frameworks", name, "node_modules"));
    const env = { NODE_ENV: "production", ASTRO_TELEMETRY_DISABLED: "1" };
    await runOrAgain(node, [program(build[0]), ...build.slice(1)], { cwd, env });
    const port = await freePort();
    const where = { ...env, HOST: "127.0.0.1", PORT: String(port) };
    const { url, stop } = await serve(node, start, { cwd, env: where });
    t.after(stop);

    const problems = await vectorsAt(url, PLACE);
    assert.deepEqual(Object.fromEntries(problems.map(({ id, problem }) => [id, problem])), otherwise);
    await assertEventsFlow(url + PLACE);
  });
}
