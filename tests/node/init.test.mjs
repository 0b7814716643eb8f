/** `fal-wasm init`: what it finds, what it would write, and that nothing that is there is lost. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { files } from "../../scripts/lib/stamp.mjs";

const place = mkdtempSync(join(tmpdir(), "init-"));
after(() => rmSync(place, { recursive: true }));

/** An app with these files; `packages` are those it depends on. @param {string[]} packages @param {Record<string, string>} [more] */
function appOf(packages, more = {}) {
  const folder = mkdtempSync(join(place, "app-"));
  const dependencies = Object.fromEntries(packages.map((name) => [name, "*"]));
  const all = { "package.json": JSON.stringify({ type: "module", dependencies }), ...more };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return {
    folder,
    init(/** @type {string[]} */ ...args) {
      const cli = [path("dist/cli/main.js"), "init", ...args];
      const { status, stdout, stderr } = spawnSync(process.execPath, cli, { cwd: folder, encoding: "utf8", input: "" });
      return { status, out: stdout, err: stderr };
    },
    read: (/** @type {string} */ file) => readFileSync(join(folder, file), "utf8"),
    files: () => files(folder).map((file) => file.slice(folder.length + 1)),
  };
}

const IGNORES = { ".gitignore": ".env*\n*.local\n.dev.vars\n" };

test("each framework is found, and gets its files where it looks for them", () => {
  /** @type {[string[], Record<string, string>, string[]][]} */
  const apps = [
    [["next", "react"], { "app/page.js": "" }, ["app/api/fal/proxy/route.js", "lib/fal.js", ".env.local"]],
    [
      ["next"],
      { "src/app/page.tsx": "", "tsconfig.json": "{}" },
      ["src/app/api/fal/proxy/route.ts", "src/lib/fal.ts", ".env.local"],
    ],
    [
      ["@sveltejs/kit", "vite", "wrangler"],
      { "src/app.html": "" },
      ["src/routes/api/fal/proxy/+server.js", "src/env.js", "src/lib/fal.js", ".env.local"],
    ],
    [["vite", "vue"], { "src/main.js": "" }, ["fal-proxy.js", "vite.config.js", "src/fal.js", ".env.local"]],
    [
      ["hono", "wrangler"],
      { "src/index.ts": "", "tsconfig.json": "{}", "wrangler.jsonc": "{}" },
      ["src/fal-proxy.ts", ".dev.vars"],
    ],
    [["hono", "@hono/node-server"], { "index.js": "" }, ["fal-proxy.js", ".env"]],
    [[], { "wrangler.toml": "", "worker.js": "" }, ["fal-proxy.js", ".dev.vars"]],
    [["express"], { "server.js": "" }, ["fal-proxy.js", ".env"]],
  ];
  for (const [packages, more, expected] of apps) {
    const app = appOf(packages, { ...IGNORES, ...more });
    const before = app.files();
    const { status, err } = app.init("--yes");
    assert.deepEqual([status, err], [0, ""]);
    assert.deepEqual(
      app
        .files()
        .filter((file) => !before.includes(file))
        .sort(),
      expected.sort(),
      packages.join(),
    );
    const env = app.read(/** @type {string} */ (expected.find((file) => /env|vars/.test(file))));
    assert.match(env, /^FAL_KEY=$/m);
  }
});

test("it shows what it would write; without a yes nothing is written", () => {
  const app = appOf(["next"], { "app/page.js": "" });
  const before = app.files();
  const asked = app.init();
  assert.equal(asked.status, 1);
  assert.match(asked.err, /--yes/);
  const shown = app.init("--dry-run");
  assert.equal(shown.status, 0);
  assert.match(shown.out, /new file app\/api\/fal\/proxy\/route\.js\n\+ import \{ createFalProxy \}/);
  assert.match(shown.out, /new file \.gitignore\n\+ \.env\.local/);
  assert.deepEqual(app.files(), before);
});

test("nothing that is there is overwritten, and a second time there is nothing to do", () => {
  const mine = { "app/page.js": "", "app/api/fal/proxy/route.js": "mine", ".env.local": "A=1", ".gitignore": "/dist" };
  const app = appOf(["next"], mine);
  const { status, out } = app.init("--yes");
  assert.equal(status, 0);
  assert.match(out, /route\.js is there, with something else in it, and stays as it is/);
  assert.equal(app.read("app/api/fal/proxy/route.js"), "mine");
  assert.match(app.read(".env.local"), /^A=1\n# .*\nFAL_KEY=\n$/);
  assert.equal(app.read(".gitignore"), "/dist\n.env.local\n");
  writeFileSync(join(app.folder, ".env.local"), "export FAL_KEY=1:2\n");
  const again = app.init("--yes");
  assert.deepEqual([again.status, app.read(".env.local")], [0, "export FAL_KEY=1:2\n"]);
  assert.match(again.out, /Nothing is to be written/);
  assert.ok(!again.out.includes("1:2"));
});

test("a file for the key is left out of git, whatever says so", () => {
  for (const [lines, isThere] of /** @type {[string, boolean][]} */ ([
    [".env*.local", true],
    ["*.local", true],
    ["/.env.local", true],
    ["**/.env.local", true],
    [".env.*\n!.env.local", false],
    ["# .env.local", false],
    [".env", false],
    ["[", false],
  ])) {
    const app = appOf(["next"], { "app/page.js": "", ".gitignore": lines });
    const { out } = app.init("--dry-run");
    assert.equal(!out.includes("added to .gitignore"), isThere, lines);
  }
});

test("SvelteKit 2 and 3 read the environment in ways of their own", () => {
  const { folder, init, read } = appOf([], { "package.json": '{"devDependencies":{"@sveltejs/kit":"^2.63.0"}}' });
  assert.equal(init("--yes").status, 0);
  assert.match(read("src/routes/api/fal/proxy/+server.js"), /\$env\/dynamic\/private/);
  assert.ok(!files(folder).some((file) => file.endsWith("env.js")));
  const third = appOf(["@sveltejs/kit"], { "src/env.js": "export const variables = {};" });
  assert.match(third.init("--yes").out, /Declare in src\/env: FAL_KEY/);
});

test("what is not understood says what to do", () => {
  const none = appOf(["react"]);
  assert.deepEqual([none.init("--yes").status, none.files()], [2, ["package.json"]]);
  assert.match(none.init().err, /--framework with one of next, sveltekit, vite, hono, workers, express/);
  const both = appOf(["express", "vite"], IGNORES);
  assert.match(both.init("--yes").err, /vite and express.*--framework/);
  assert.equal(both.init("--yes", "--framework", "vite").status, 0);
  assert.match(both.init("--framework", "expres").err, /`express`/);
  assert.match(appOf(["next"], { "pages/index.js": "" }).init().err, /no App Router.*toNodeHandler/);
  assert.equal(none.init("nowhere").status, 2);
  const yarn = appOf(["express"], { ...IGNORES, "yarn.lock": "" });
  assert.match(yarn.init("--dry-run").out, /1\. yarn add fal-wasm/);
});

test("without an account it begins with the emulator, whose address and key are those of `fal-wasm dev`", () => {
  const app = appOf(["vite"], { ...IGNORES, "src/main.js": "" });
  const { status, out } = app.init("--emulator", "--yes");
  assert.equal(status, 0);
  assert.match(app.read(".env.local"), /^FAL_BASE_URL=http:\/\/127\.0\.0\.1:8787\nFAL_KEY=0de00000-\S+$/m);
  assert.match(out, /npm install fal-emulator/);
  assert.match(out, /npx fal-wasm dev/);
  assert.match(app.read("vite.config.js"), /plugins: \[falProxy\(\)\]/);
});

test("a configuration of Vite that is there stays, and what is to be added to it is said", () => {
  const app = appOf(["vite"], { ...IGNORES, "src/main.ts": "", "tsconfig.json": "{}", "vite.config.mts": "mine" });
  assert.match(app.init("--yes").out, /In the configuration of Vite: .*falProxy/);
  assert.ok(!app.files().includes("vite.config.ts"));
  assert.equal(app.read("vite.config.mts"), "mine");
});

/** As `npm create cloudflare` makes them. */
const WRANGLER = `{
  "main": "src/index.js",
  "assets": {
    // The path to the directory with \`index.html\`
    "directory": "./public"
  },
}`;
const WORKER = `/** Welcome to Cloudflare Workers! */

export default {
\tasync fetch(request, env, ctx) {
\t\tconst url = new URL(request.url);
\t\treturn new Response('Not Found', { status: 404 });
\t},
};
`;

test("a worker as `npm create cloudflare` makes it gets the route, and its page the client", () => {
  const app = appOf(["wrangler"], { ...IGNORES, "wrangler.jsonc": WRANGLER, "src/index.js": WORKER });
  const { status, out } = app.init("--yes");
  assert.equal(status, 0);
  assert.match(out, /added to src\/index\.js\n\+ import \{ falProxy \} from ".\/fal-proxy";\n\+ if \(/);
  assert.match(out, /new folder public\/fal-wasm/);
  assert.doesNotMatch(out, /In the worker|createFalClient\(\{ proxyUrl: "[^"]+" \}\)\./);
  const route = `if (new URL(request.url).pathname === "/api/fal/proxy") return falProxy(request, env, ctx);`;
  assert.equal(
    app.read("src/index.js"),
    `import { falProxy } from "./fal-proxy";\n${WORKER.replace("ctx) {\n", `ctx) {\n\t\t${route}\n`)}`,
  );
  assert.match(app.read("public/fal.js"), /from ".\/fal-wasm\/index\.js"/);
  assert.equal(app.read("public/fal-wasm/index.js"), readFileSync(path("dist/browser/index.js"), "utf8"));
  const before = app.files().map((file) => app.read(file));
  writeFileSync(join(app.folder, ".dev.vars"), "FAL_KEY=1:2\n");
  assert.match(app.init("--yes").out, /Nothing is to be written/);
  assert.equal(app.files().length, before.length);
  // What was broken off is completed; what is of another version is not mixed with this one.
  for (const file of ["index.js", "core.js"]) rmSync(join(app.folder, "public/fal-wasm", file));
  assert.equal(app.init("--yes").status, 0);
  assert.equal(app.files().length, before.length);
  writeFileSync(join(app.folder, "public/fal-wasm/index.js"), "of another version");
  assert.match(app.init("--yes").out, /public\/fal-wasm is there, with something else in it/);
});

test("a worker of another shape stays as it is, and what is to be added to it is said", () => {
  const shapes = {
    "with Hono's": 'import app from "./app";\nexport default app;\n',
    "of a class": "export default class extends WorkerEntrypoint {\n  async fetch(request) {\n  }\n}\n",
    "with names of its own": WORKER.replace("request, env, ctx", "req, env"),
    twice: `${WORKER}${WORKER}`,
  };
  for (const [name, worker] of Object.entries(shapes)) {
    const app = appOf(["wrangler"], {
      ...IGNORES,
      "wrangler.jsonc": '{"main":"src/index.js"}',
      "src/index.js": worker,
    });
    assert.match(app.init("--yes").out, /In the worker: import \{ falProxy \}/, name);
    assert.equal(app.read("src/index.js"), worker, name);
    assert.ok(!app.files().some((file) => file.endsWith("fal.js")), name);
  }
  const outside = '{"main":"../elsewhere.js","assets":{"directory":"/srv"}}';
  const app = appOf(["wrangler"], { ...IGNORES, "wrangler.jsonc": outside, "src/index.js": WORKER });
  assert.deepEqual([app.init("--yes").status, app.read("src/index.js")], [0, WORKER]);
});
