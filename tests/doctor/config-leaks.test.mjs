/** Keys in places beside the build, and a package that leads to the wrong build. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { KEY, KEY_ID, KEY_SECRET } from "../lib/keys.mjs";
import { examine, folderOf } from "./doctor.mjs";

const MANIFEST = JSON.stringify({ name: "app", private: true });

/** A repository in which these files are committed. @param {Record<string, string>} committed @param {Record<string, string>} [lying] */
function repository(committed, lying = {}) {
  const folder = folderOf({ "package.json": MANIFEST, ...committed });
  const git = (/** @type {string[]} */ ...args) => execFileSync("git", args, { cwd: folder, stdio: "ignore" });
  git("init", "--quiet");
  git("add", "--all", "--force");
  for (const [name, content] of Object.entries(lying)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Codes, files and details of what is found. @param {string} folder */
const found = async (folder) =>
  (await examine(folder)).findings
    .map(({ code, file, detail }) => [code, file, detail].filter(Boolean).join(" "))
    .sort();

test("an .env with a key must not be in git, nor lie where the next commit takes it", async () => {
  const env = `# local\nFAL_KEY=${KEY}\n`;
  assert.deepEqual(await found(repository({ ".env": env, "packages/api/.env.production": env })), [
    "env_committed .env",
    "env_committed packages/api/.env.production",
  ]);
  assert.deepEqual(await found(repository({ ".dev.vars": 'FAL_KEY_SECRET="not-of-the-usual-shape"' })), [
    "env_committed .dev.vars",
  ]);
  assert.deepEqual(await found(repository({}, { ".env.local": env })), ["env_not_ignored .env.local"]);
  assert.deepEqual(await found(repository({ ".gitignore": ".env*\n" }, { ".env.local": env })), []);
  assert.deepEqual(
    await found(repository({ ".env.example": "FAL_KEY=your-key\n", ".env": "FAL_KEY=\nOTHER=1\n" })),
    [],
  );
  assert.deepEqual(
    await found(repository({ ".env.example": env })),
    ["env_committed .env.example"],
    "no example at all",
  );
  const outside = await examine(folderOf({ "package.json": MANIFEST, ".env": env }));
  assert.ok(outside.findings.length === 0 && !outside.git && outside.words.includes("Git: no repository here"));
});

test("a variable that a framework would publish is noticed before the build", async () => {
  assert.deepEqual(await found(repository({ ".gitignore": ".env" }, { ".env": `NEXT_PUBLIC_FAL_KEY=${KEY}` })), [
    "public_variable .env NEXT_PUBLIC_FAL_KEY",
  ]);
});

test("scripts leave the key to the environment", async () => {
  const scripts = {
    good: "FAL_KEY=$FAL_KEY node server.js",
    windows: "set FAL_KEY=%FAL_KEY% && node server.js",
    bad: "FAL_KEY=id:secret node server.js",
    worse: `FAL_KEY="${KEY}" node server.js`,
    worst: "VITE_FAL_KEY=$FAL_KEY vite build",
  };
  const folder = folderOf({ "package.json": JSON.stringify({ name: "app", scripts }) });
  assert.deepEqual(await found(folder), [
    "key package.json",
    "key_in_script package.json bad",
    "key_in_script package.json worse",
    "public_variable package.json VITE_FAL_KEY",
  ]);
});

test("a worker's key is a secret, not a variable", async () => {
  const bad = {
    table: `name = "a"\n[vars]\nFAL_KEY = "${KEY}"\n`,
    quoted: `[vars]\n"FAL_KEY" = "x"`,
    environment: `[env.production.vars]\nFAL_KEY_SECRET = "${KEY_SECRET}"`,
    inline: `vars = { OTHER = "x", FAL_KEY = "x" }`,
    dotted: `vars.FAL_KEY = "x"`,
    deep: `env.staging.vars = { FAL_KEY_ID = "${KEY_ID}" }`,
  };
  for (const [name, config] of Object.entries(bad)) {
    const files = await found(folderOf({ "package.json": MANIFEST, "wrangler.toml": config }));
    assert.deepEqual(files.length, 1, name);
    assert.match(files[0], /^key_in_vars wrangler\.toml FAL_KEY/, name);
  }
  const good =
    '[vars]\n# FAL_KEY = "x"\nFAL_KEY_NAME = "x"\n[[kv_namespaces]]\nbinding = "FAL_KEY"\n[other]\nFAL_KEY = 1';
  assert.deepEqual(await found(folderOf({ "package.json": MANIFEST, "wrangler.toml": good })), []);
  const json = `{ // a worker\n "vars": { "URL": "https://a.example/*", "FAL_KEY": "x", },\n "env": { "dev": { "vars": { "FAL_KEY_ID": "y" } } } }`;
  assert.deepEqual(await found(folderOf({ "package.json": MANIFEST, "wrangler.jsonc": json })), [
    "key_in_vars wrangler.jsonc FAL_KEY",
    "key_in_vars wrangler.jsonc FAL_KEY_ID",
  ]);
});

test("an installed package that gives browsers the edge build is a finding", async () => {
  const folder = folderOf({ "package.json": MANIFEST });
  const installed = join(folder, "node_modules/fal-wasm");
  cpSync(path("dist"), join(installed, "dist"), { recursive: true });
  const manifest = JSON.parse(readFileSync(path("package.json"), "utf8"));
  const install = (/** @type {any} */ exports) =>
    writeFileSync(join(installed, "package.json"), JSON.stringify({ ...manifest, exports }));
  install(manifest.exports);
  assert.equal((await examine(folder)).entries.browser, "browser");
  const { types, node, ...others } = manifest.exports["."];
  install({ ...manifest.exports, ".": { types, node, module: node, ...others } });
  assert.deepEqual(await found(folder), ["wrong_entry browser"]);
  install({ ...manifest.exports, ".": node });
  assert.deepEqual(await found(folder), ["wrong_entry browser", "wrong_entry no condition", "wrong_entry worker"]);
  install(manifest.exports);
  rmSync(join(installed, "dist/edge/index.js"));
  assert.equal((await examine(folder)).findings.length, 5);
});
