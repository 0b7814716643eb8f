/** The packed tarball, installed into an app that has nothing else. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { build } from "esbuild";

import { openBrowser, watch } from "../../scripts/lib/browser.mjs";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { files } from "../../scripts/lib/stamp.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { RESOLUTIONS, projectOf } from "../lib/compiler.mjs";
import { PATIENCE } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { vite } from "../lib/vite.mjs";

const app = path("target/consumer");
const installed = `${app}/node_modules/fal-wasm`;
const emulator = await startEmulator({ keys: ACCOUNTS });

/** @param {string} program @param {string[]} args @param {string} [cwd] */
const run = (program, args, cwd = app) =>
  execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const npm = (/** @type {string[]} */ args, /** @type {string} */ cwd) =>
  process.env.npm_execpath ? run(process.execPath, [process.env.npm_execpath, ...args], cwd) : run("npm", args, cwd);

/** Runs a module in the app's folder. @param {string} code @param {string[]} [flags] */
const evaluate = (code, flags = []) => run(process.execPath, [...flags, "--input-type=module", "--eval", code]).trim();

before(() => {
  rmSync(app, { recursive: true, force: true });
  cpSync(path("tests/package/consumer"), app, { recursive: true });
  writeFileSync(`${app}/package.json`, JSON.stringify({ name: "app", private: true, type: "module" }));
  const [{ filename }] = JSON.parse(npm(["pack", "--json", "--ignore-scripts", "--pack-destination", app], path(".")));
  npm(["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", `./${filename}`], app);
});
after(() => emulator.stop());

test("the tarball holds what is published, and nothing else", () => {
  const names = files(installed).map((file) => file.slice(installed.length + 1));
  const expected =
    /^(dist\/(cjs\/)?(browser|cli|edge|no-wasm|shared|types)\/([a-z-]+\/)*[a-z0-9.-]+\.(js|wasm|d\.ts)|(dist\/cjs\/)?package\.json|README\.md|CHANGELOG\.md|LICENSE-(MIT|APACHE))$/;
  assert.deepEqual(
    names.filter((name) => !expected.test(name)),
    [],
  );
  for (const name of ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"])
    assert.ok(names.includes(name), name);
});

test("nothing in the browser build could use a key", () => {
  const builds = ["browser", "no-wasm", "shared", "cjs/browser", "cjs/no-wasm", "cjs/shared"].flatMap((build) =>
    files(`${installed}/dist/${build}`),
  );
  for (const file of builds) {
    assert.doesNotMatch(readFileSync(file, "latin1"), /authorization|FAL_KEY|process\.env/i, file);
  }
});

test("nothing in the build without WebAssembly names it, or what its places lack", () => {
  for (const file of ["no-wasm", "cjs/no-wasm"].flatMap((build) => files(`${installed}/dist/${build}`))) {
    const text = readFileSync(file, "utf8").replace(/^ *(\/\/|\/?\*).*$/gm, "");
    assert.doesNotMatch(text, /\bWebAssembly\.|\bnew WebAssembly/, file);
    if (file.endsWith("text-coding.js")) continue;
    assert.ok(!/\bnew Text(En|De)coder\b/.test(text) || text.includes("text-coding.js"), file);
  }
});

test("no path of the machine it was built on is in it", () => {
  for (const file of files(installed)) assert.ok(!readFileSync(file, "latin1").includes(path(".")), file);
});

test("every place gets its build", async () => {
  const resolved = (/** @type {string[]} */ conditions, specifier = "fal-wasm") => {
    const flags = conditions.flatMap((condition) => ["--conditions", condition]);
    return evaluate(`console.log(import.meta.resolve("${specifier}"))`, flags).split("/dist/")[1];
  };
  const table = {
    workerd: ["edge/index.js", "edge/proxy.js", "edge/node.js", "edge/webhook.js", "edge/platform.js"],
    "workerd worker browser": ["edge/index.js", "edge/proxy.js", "edge/node.js", "edge/webhook.js", "edge/platform.js"],
    "edge-light": ["edge/index.js", "edge/proxy.js", "edge/node.js", "edge/webhook.js", "edge/platform.js"],
    "edge-light browser": ["edge/index.js", "edge/proxy.js", "edge/node.js", "edge/webhook.js", "edge/platform.js"],
    deno: ["edge/index.js", "edge/proxy.js", "edge/node.js", "edge/webhook.js", "edge/platform.js"],
    bun: ["edge/index.js", "edge/proxy.js", "edge/node.js", "edge/webhook.js", "edge/platform.js"],
    "": ["edge/index.js", "edge/proxy.js", "edge/node.js", "edge/webhook.js", "edge/platform.js"],
    browser: [
      "browser/index.js",
      "browser/server-only.js",
      "browser/server-only.js",
      "browser/server-only.js",
      "browser/server-only.js",
    ],
    worker: [
      "browser/index.js",
      "browser/server-only.js",
      "browser/server-only.js",
      "browser/server-only.js",
      "browser/server-only.js",
    ],
    "react-native": [
      "no-wasm/index.js",
      "browser/server-only.js",
      "browser/server-only.js",
      "browser/server-only.js",
      "browser/server-only.js",
    ],
  };
  for (const [conditions, expected] of Object.entries(table)) {
    const list = conditions.split(" ").filter(Boolean);
    const names = ["fal-wasm", "fal-wasm/proxy", "fal-wasm/proxy/node", "fal-wasm/webhook", "fal-wasm/platform"];
    assert.deepEqual(
      names.map((name) => resolved(list, name)),
      expected,
      conditions || "node",
    );
  }
});

test("a bundler that knows no condition gets the browser build", async () => {
  const entry = { contents: 'import { fal } from "fal-wasm"; console.log(fal)', resolveDir: app };
  const { outputFiles } = await build({
    stdin: entry,
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    conditions: [],
  });
  assert.doesNotMatch(outputFiles[0].text, /authorization|FAL_KEY/i);
});

test("where it cannot work it says why", () => {
  const message = (/** @type {string} */ condition, /** @type {string} */ specifier) =>
    evaluate(`await import("${specifier}").catch((error) => console.log(error.message))`, ["--conditions", condition]);
  assert.match(message("browser", "fal-wasm/proxy"), /belongs on a server/);
  assert.match(message("browser", "fal-wasm/proxy/node"), /belongs on a server/);
  assert.match(message("browser", "fal-wasm/webhook"), /belongs on a server/);
  assert.match(message("browser", "fal-wasm/platform"), /belongs on a server/);
});

for (const [way, load] of [
  ["import", 'import { createFalClient } from "fal-wasm";'],
  [
    "require",
    'import { createRequire } from "node:module"; const { createFalClient } = createRequire(import.meta.url)("fal-wasm");',
  ],
]) {
  test(`Node, by ${way}`, () => {
    const code = `${load}
      const emulated = (url, init) => fetch(url.replace("https://", "${emulator.url}/"), init);
      const fal = createFalClient({ env: { FAL_KEY: ${JSON.stringify(KEY)} }, fetch: emulated });
      console.log(JSON.stringify((await fal.run("emulator/echo", { input: { a: 1 } })).data.input));`;
    writeFileSync(`${app}/by-${way}.mjs`, code);
    assert.equal(run(process.execPath, ["--no-warnings", `by-${way}.mjs`]).trim(), '{"a":1}');
    rmSync(`${app}/by-${way}.mjs`);
  });
}

/** What a program has that says both `import` and `require`: one client and one set of errors, or two. */
const BOTH = `import * as imported from "fal-wasm";
import * as limits from "fal-wasm/limits";
const names = Object.keys(imported);
console.log(names.every((name) => imported[name] === required[name]) && limits.memoryLimits === ofLimits.memoryLimits, names.length > 8);`;

test("Node has the package once, by import and by require", () => {
  const code = `import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const required = require("fal-wasm"), ofLimits = require("fal-wasm/limits");\n${BOTH}`;
  assert.equal(evaluate(code, ["--no-warnings"]), "true true");
});

for (const platform of /** @type {const} */ (["browser", "node"])) {
  test(`a bundle has the package once, by import and by require, for ${platform}`, async () => {
    const contents =
      platform === "node"
        ? `const required = require("fal-wasm"), ofLimits = require("fal-wasm/limits");\n${BOTH}`
        : `const required = require("fal-wasm"), ofLimits = {}, limits = {};\n${BOTH.replace(/^.*limits";\n/m, "")}`;
    const { outputFiles, metafile } = await build({
      stdin: { contents, resolveDir: app },
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform,
      logLevel: "error",
    });
    assert.deepEqual(
      Object.keys(metafile.inputs).filter((file) => file.includes("/cjs/")),
      [],
    );
    writeFileSync(`${app}/both.mjs`, outputFiles[0].text);
    assert.equal(run(process.execPath, ["both.mjs"]).trim(), "true true");
    rmSync(`${app}/both.mjs`);
  });
}

test("what takes no ES modules gets the same entries as CommonJS", () => {
  const { exports } = JSON.parse(readFileSync(`${installed}/package.json`, "utf8"));
  const inJest = (/** @type {any} */ target, /** @type {string[]} */ conditions) => {
    if (typeof target === "string") return target;
    const [, next] = Object.entries(target).find(([name]) => name === "default" || conditions.includes(name)) ?? [];
    return /** @type {string} */ (next && inJest(next, conditions));
  };
  for (const [name, target] of Object.entries(exports).filter(([name]) => name !== "./package.json"))
    for (const conditions of [["node"], ["browser"], ["worker"], ["react-native"], []]) {
      const required = inJest(target, [...conditions, "require"]);
      const imported = inJest(target, [...conditions, "import"]);
      assert.equal(required, imported.replace("/dist/", "/dist/cjs/"), `${name} ${conditions}`);
      assert.ok(files(`${installed}/dist/cjs`).includes(`${installed}/${required.slice(2)}`), required);
    }
});

/** Compiles programs in the app's folder, with every kind of module. @param {string[]} programs @param {object} [more] */
function compile(programs, more) {
  for (const resolution of RESOLUTIONS) {
    writeFileSync(`${app}/tsconfig.json`, projectOf(resolution, programs, more));
    run(process.execPath, [path("node_modules/typescript/bin/tsc"), "-p", "."]);
  }
}

test("types, as strict as they come", () => compile(["types.ts"]));

test("state of calls, typed by the endpoint", () => compile(["hooks.ts"]));

test("codes of errors, and what is typed by an endpoint beside its call", () => compile(["codes.ts"]));

test("types of a server's program, without those of the DOM", () => {
  compile(["codes.ts"], { lib: ["es2022"], types: ["node"], typeRoots: [path("node_modules/@types")] });
});

test("types of the adapter, against those of Node and Fastify", () => {
  compile(["node.ts"], {
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [path("node_modules/@types")],
    paths: { fastify: [path("node_modules/fastify")] },
  });
});

test("endpoints have the types an app declares, and any others without the optional package", () =>
  compile(["endpoints.ts"]));

test("a program for @fal-ai/client compiles with its import changed, and public models have their types", () => {
  const official = `${app}/node_modules/@fal-ai/client`;
  cpSync(path("node_modules/@fal-ai/client"), official, { recursive: true });
  try {
    // It is a program for that package: this is what is compared with.
    compile(["drop-in.ts"], { skipLibCheck: true, exactOptionalPropertyTypes: false });
    const program = readFileSync(`${app}/drop-in.ts`, "utf8").replace('"@fal-ai/client"', '"fal-wasm"');
    writeFileSync(`${app}/dropped-in.ts`, program);
    compile(["dropped-in.ts", "endpoints.ts", "public-endpoints.ts", "public-rules.ts"]);
    compile(["assignable.ts"], { skipLibCheck: true, exactOptionalPropertyTypes: false });
  } finally {
    rmSync(`${app}/node_modules/@fal-ai`, { recursive: true });
  }
  compile(["dropped-in.ts"]);
});

test("a page bundled by Vite, and one that is not bundled, behind a worker that is", async (t) => {
  await vite(app, { build: { outDir: `${app}/bundled`, target: "es2022" } });
  const bundled = files(`${app}/bundled`);
  for (const file of bundled)
    assert.doesNotMatch(readFileSync(file, "latin1"), /authorization|FAL_KEY|process\.env/i, file);

  // Unbundled: the files as they are in the package, and one line that says where they are.
  const plain = `${app}/plain`;
  mkdirSync(plain, { recursive: true });
  cpSync(`${installed}/dist/browser`, `${plain}/fal-wasm`, { recursive: true });
  cpSync(`${app}/main.js`, `${plain}/main.js`);
  const map = JSON.stringify({ imports: { "fal-wasm": "./fal-wasm/index.js" } });
  const page = readFileSync(`${app}/index.html`, "utf8").replace(
    "<body>",
    `<body><script type="importmap">${map}</script>`,
  );
  writeFileSync(`${plain}/index.html`, page);

  const browser = await openBrowser();
  t.after(() => browser.close());
  const seen = watch(browser.context);
  for (const assets of [`${app}/bundled`, plain]) {
    const worker = await startWorker(`${app}/worker.js`, {
      assets,
      emulator: emulator.url,
      bindings: { FAL_KEY: KEY },
    });
    const tab = await browser.context.newPage();
    await tab.goto(worker.url);
    const outcome = await tab.locator("body[data-outcome]").getAttribute("data-outcome", { timeout: PATIENCE });
    assert.deepEqual(JSON.parse(outcome ?? ""), { pictures: 1, refused: "credentials_in_browser" }, assets);
    assert.deepEqual((await (await worker.fetch("/run")).json()).data.input, { a: 1 });
    await worker.stop();
  }
  assert.ok(!isSeen(await seen.all(), formsOf(KEY)));
});
