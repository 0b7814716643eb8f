/** What `fal-wasm init` writes: built, started and called in each framework, with one line changed where it says so. */

import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { after, beforeEach, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path, run, runOrAgain } from "../../scripts/lib/run.mjs";
import { framework, next, runtimes } from "../../scripts/lib/setup.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { install, serve } from "../lib/examples.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { PATIENCE, compiled } from "../lib/served.mjs";

const PLACE = "/api/fal/proxy";
const SIGNED_IN = "() => ({ id: 'me' })";
const { node } = await runtimes();
const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

// Where apps without packages of their own find it.
install(path("target/init/node_modules"));

const env = {
  EMULATOR: emulator.url,
  NEXT_TELEMETRY_DISABLED: "1",
  NODE_OPTIONS: `--import=${new URL("../lib/redirect.mjs", import.meta.url)}`,
};

/** An app in this folder, with what `init` has written and a key. @param {string} folder @param {string[]} packages @param {Record<string, string>} files */
async function initialised(folder, packages, files) {
  const cwd = path(folder);
  rmSync(cwd, { recursive: true, force: true });
  const dependencies = Object.fromEntries(packages.map((name) => [name, "*"]));
  const all = { "package.json": JSON.stringify({ private: true, type: "module", dependencies }), ...files };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(`${cwd}/${file}`), { recursive: true });
    writeFileSync(`${cwd}/${file}`, text);
  }
  await run(process.execPath, [path("dist/cli/main.js"), "init", cwd, "--yes"], { quiet: true });
  const fill = (/** @type {string} */ file) =>
    writeFileSync(`${cwd}/${file}`, readFileSync(`${cwd}/${file}`, "utf8").replace(/^FAL_KEY=$/m, `FAL_KEY=${KEY}`));
  return { cwd, fill };
}

/** A run, as a page of that origin asks for it. @param {string} url @param {(url: string, init: object) => Promise<any>} [send] */
async function statusAt(url, send = fetch) {
  const headers = {
    "content-type": "application/json",
    "sec-fetch-site": "same-origin",
    "x-fal-target-url": "https://fal.run/fal-ai/flux/schnell",
  };
  const [body, signal] = [JSON.stringify({ prompt: "a cat" }), AbortSignal.timeout(PATIENCE)];
  const response = await send(url + PLACE, { method: "POST", headers, body, signal });
  const { images } = await response.json();
  assert.equal(images?.length, response.status === 200 ? 1 : undefined);
  return response.status;
}

test("Next.js: in development, and built: nobody until it is said who", async (t) => {
  const program = await next();
  install(path("target/next/node_modules"));
  const { cwd, fill } = await initialised("target/next/init", ["next"], {
    "app/layout.js": "export default ({ children }) => <html><body>{children}</body></html>;",
    "app/page.js": '"use client";\nimport { fal } from "../lib/fal.js";\nexport default () => typeof fal.run;',
  });
  fill(".env.local");
  const develop = () => serve(process.execPath, [program, "dev", "--port", "0"], { cwd, env });
  const inDevelopment = await compiled(develop, ["/", PLACE]);
  t.after(inDevelopment.stop);
  assert.equal(await statusAt(inDevelopment.url), 200);
  inDevelopment.stop();
  await runOrAgain(process.execPath, [program, "build"], { cwd, env: { NEXT_TELEMETRY_DISABLED: "1" } });
  const built = await serve(process.execPath, [program, "start", "--port", "0"], { cwd, env });
  t.after(built.stop);
  assert.equal(await statusAt(built.url), 401);
});

test("SvelteKit: in development, and built: nobody until it is said who", async (t) => {
  const program = await framework("sveltekit");
  install(path("target/frameworks/sveltekit/node_modules"));
  const { cwd, fill } = await initialised("target/frameworks/sveltekit/init", ["@sveltejs/kit", "vite"], {
    "vite.config.js": readFileSync(path("tests/adapters/frameworks/sveltekit/vite.config.js"), "utf8"),
    "src/app.html": readFileSync(path("tests/adapters/frameworks/sveltekit/src/app.html"), "utf8"),
    "src/routes/+page.js":
      'import { fal } from "../lib/fal.js";\nexport const load = () => ({ type: typeof fal.run });',
    "src/routes/+page.svelte": "",
  });
  fill(".env.local");
  // As with `fal-wasm dev`: the address of the emulator stands beside its key.
  appendFileSync(`${cwd}/.env.local`, `FAL_BASE_URL=${emulator.url}\n`);
  const inDevelopment = await serve(node, [program("vite"), "--host", "127.0.0.1", "--port", "0"], { cwd });
  t.after(inDevelopment.stop);
  assert.equal(await statusAt(inDevelopment.url), 200);
  inDevelopment.stop();
  await runOrAgain(node, [program("vite"), "build"], { cwd });
  const where = { ...env, HOST: "127.0.0.1", PORT: "0", FAL_KEY: KEY };
  const built = await serve(node, ["build/index.js"], { cwd, env: where });
  t.after(built.stop);
  assert.equal(await statusAt(built.url), 401);
});

test("Vite: with the one line in its configuration", async (t) => {
  const { cwd, fill } = await initialised("target/init/vite", ["vite"], {
    "index.html": '<script type="module" src="/src/fal.js"></script>',
    "src/main.js": "",
    "vite.config.js": 'import { falProxy } from "./fal-proxy.js";\nexport default { plugins: [falProxy()] };',
  });
  fill(".env.local");
  const { url, stop } = await serve(
    process.execPath,
    [path("node_modules/vite/bin/vite.js"), "--host", "127.0.0.1", "--port", "0"],
    { cwd, env },
  );
  t.after(stop);
  assert.equal(await statusAt(url), 200);
});

for (const [name, packages, worker] of /** @type {[string, string[], string][]} */ ([
  [
    "Hono",
    ["hono", "wrangler"],
    `import { Hono } from "hono";
import { falProxy } from "./fal-proxy";
const app = new Hono();
app.all("${PLACE}", (c) => falProxy(c.req.raw, c.env, c.executionCtx));
export default app;`,
  ],
  [
    "Workers",
    ["wrangler"],
    `import { falProxy } from "./fal-proxy";
export default { fetch(request, env, ctx) {
  if (new URL(request.url).pathname === "${PLACE}") return falProxy(request, env, ctx);
} };`,
  ],
])) {
  test(`${name}: nobody until it is said who`, async () => {
    const { cwd } = await initialised(`target/init/${name}`, packages, { "src/index.js": worker });
    for (const expected of [401, 200]) {
      const bindings = { FAL_KEY: KEY };
      const served = await startWorker(`${cwd}/src/index.js`, { emulator: emulator.url, bindings });
      assert.equal(await statusAt(served.url, (url, init) => served.fetch(url, init)), expected);
      await served.stop();
      const proxy = `${cwd}/src/fal-proxy.js`;
      writeFileSync(proxy, readFileSync(proxy, "utf8").replace(/(?<=authenticate: ).+(?=,)/, SIGNED_IN));
    }
  });
}

for (const type of ["module", "commonjs"]) {
  test(`Express, ${type}: nobody until somebody has signed in`, async (t) => {
    const [express, proxy] =
      type === "module"
        ? ['import express from "express";', 'import { falProxy } from "./fal-proxy.js";']
        : ['const express = require("express");', 'const { falProxy } = require("./fal-proxy.js");'];
    const { cwd, fill } = await initialised(`target/init/express-${type}`, ["express"], {
      "package.json": JSON.stringify({ type, dependencies: { express: "*" } }),
      "server.js": `${express}\n${proxy}
const app = express();
app.use((req, _res, next) => {
  if (req.headers["x-user"]) req.user = { id: req.headers["x-user"] };
  next();
});
app.all("${PLACE}", falProxy);
const server = app.listen(0, () => console.log("http://localhost:" + server.address().port));`,
    });
    fill(".env");
    mkdirSync(`${cwd}/node_modules`);
    symlinkSync(path("node_modules/express5"), `${cwd}/node_modules/express`, "junction");
    const { url, stop } = await serve(process.execPath, ["--env-file=.env", "server.js"], { cwd, env });
    t.after(stop);
    assert.equal(await statusAt(url), 401);
    const signed = (/** @type {string} */ place, /** @type {any} */ init) =>
      fetch(place, { ...init, headers: { ...init.headers, "x-user": "ann" } });
    assert.equal(await statusAt(url, signed), 200);
  });
}

test("as TypeScript it compiles, as strictly as the frameworks' own templates", async () => {
  const more = { "tsconfig.json": "{}", ".gitignore": ".env*\n.dev.vars\n" };
  /** @type {[string, Record<string, string>, string][]} */
  const apps = [
    ["next", { "app/page.tsx": "" }, "app/api/fal/proxy/route.ts"],
    ["vite", {}, "fal-proxy.ts"],
    ["hono", {}, "fal-proxy.ts"],
    ["express", {}, "fal-proxy.ts"],
    ["@sveltejs/kit", {}, "src/routes/api/fal/proxy/+server.ts"],
  ];
  const routes = "src/routes/api/fal/proxy";
  const root = path("target/init/typed");
  const include = [];
  for (const [name, files, file] of apps) {
    const folder = name.replace("/", "-");
    await initialised(`target/init/typed/${folder}`, [name], { ...more, ...files });
    include.push(`${folder}/${file}`);
  }
  const manifest = JSON.stringify({ dependencies: { "@sveltejs/kit": "^2.63.0" } });
  await initialised("target/init/typed/kit2", ["@sveltejs/kit"], { ...more, "package.json": manifest });
  include.push(`kit2/${routes}/+server.ts`, "@sveltejs-kit/src/env.ts");
  // What `svelte-kit sync` makes, as far as the route needs it.
  for (const app of ["kit2", "@sveltejs-kit"])
    writeFileSync(
      `${root}/${app}/${routes}/$types.d.ts`,
      "export type RequestHandler = (event: { request: Request }) => Response | Promise<Response>;",
    );
  const kit = `declare module "$app/environment" { export const dev: boolean }
declare module "$env/dynamic/private" { export const env: { [name: \`PUBLIC_\${string}\`]: undefined; [name: string]: string | undefined } }
declare module "$app/env" { export const dev: boolean }
declare module "$app/env/private" { export const FAL_KEY: string | undefined; export const FAL_BASE_URL: string | undefined }
declare module "@sveltejs/kit/env" { export function defineEnvVars<T>(variables: Record<string, { schema?: (value: string | undefined) => T | undefined }>): unknown }`;
  writeFileSync(`${root}/kit.d.ts`, kit);
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "dom", "dom.iterable"],
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [path("node_modules/@types")],
  };
  writeFileSync(`${root}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ["kit.d.ts", ...include] }));
  await run(process.execPath, [path("node_modules/typescript/bin/tsc"), "-p", root], { quiet: true });
});

test("the guide says the same of each framework", () => {
  const flat = (/** @type {string} */ text) => text.replace(/\s+/g, " ");
  const readme = flat(readFileSync(path("docs/guide/proxy.md"), "utf8"));
  const templates = flat(readFileSync(path("js/cli/init/templates.ts"), "utf8"));
  for (const line of [
    "export { proxy as GET, proxy as POST, proxy as PUT }",
    "({ request }) => proxy(request, ",
    "toNodeHandler(proxy)",
  ])
    assert.ok(readme.includes(line) && templates.includes(line), line);
});
