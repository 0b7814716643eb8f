/** Next.js, built and started: the example, and the proxy in each place where it can be mounted. */

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path, runOrAgain } from "../../scripts/lib/run.mjs";
import { next } from "../../scripts/lib/setup.mjs";
import { install, serve } from "../lib/examples.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { assertEventsFlow, vectorsAt } from "../lib/recorded.mjs";

const program = await next();
const app = path("target/next/app");
const emulator = await startEmulator({ keys: ACCOUNTS });
const env = {
  APP_PASSWORD: "open sesame",
  EMULATOR: emulator.url,
  FAL_KEY: KEY,
  NEXT_TELEMETRY_DISABLED: "1",
  NODE_OPTIONS: `--import=${new URL("../lib/redirect.mjs", import.meta.url)}`,
};
/** @type {{ url: string, stop: () => void }} */
let server;

before(async () => {
  rmSync(app, { recursive: true, force: true });
  cpSync(path("examples/nextjs"), app, { recursive: true });
  cpSync(path("tests/adapters/next"), app, { recursive: true });
  cpSync(path("tests/adapters/recorded.js"), `${app}/recorded.js`);
  cpSync(path("tests/data/proxy-vectors.json"), `${app}/policy.json`);
  install(path("target/next/node_modules"));
  await runOrAgain(process.execPath, [program, "build"], { cwd: app, env: { NEXT_TELEMETRY_DISABLED: "1" } });
  server = await serve(process.execPath, [program, "start", "--port", "0"], { cwd: app, env });
});
after(() => {
  server?.stop();
  emulator.stop();
});

test("the example", async () => {
  const pageOf = (/** @type {string} */ password) =>
    createFalClient({
      proxyUrl: { url: `${server.url}/api/fal/proxy`, when: "always" },
      fetch: (/** @type {any} */ url, /** @type {any} */ init) =>
        fetch(url, { ...init, headers: { ...init.headers, authorization: `Basic ${btoa(`app:${password}`)}` } }),
    });
  const fal = pageOf(env.APP_PASSWORD);
  const input = { prompt: "a cat in the rain", image_size: "square" };
  assert.equal((await fal.run("fal-ai/flux/schnell", { input })).data.images.length, 1);
  assert.equal((await fal.subscribe("fal-ai/flux/dev", { input, pollInterval: 30 })).data.images.length, 1);
  assert.equal((await failureOf(pageOf("open barley").run("fal-ai/flux/dev", { input }))).status, 401);
  assert.match(await (await fetch(server.url)).text(), /Make a picture/);
});

/** To its routes Next.js says that they are on localhost. What a browser's `Origin` alone says is then no proof. */
const NOT_AT_HOME = ["own-origin-older-browser"];

for (const [name, place, refused = []] of /** @type {[string, string, string[]?][]} */ ([
  ["a route on Node", "/on-node", NOT_AT_HOME],
  ["a route on the edge", "/on-edge", NOT_AT_HOME],
  ["an API route", "/api/parsed"],
  ["an API route without a body parser", "/api/flowing"],
])) {
  test(`${name}: every vector`, async () => {
    const problems = await vectorsAt(server.url, place);
    assert.deepEqual(
      problems.map(({ id }) => id),
      refused,
      JSON.stringify(problems),
    );
  });

  test(`${name}: events flow, and whoever leaves ends them`, () => assertEventsFlow(server.url + place));
}
