/** Keys in builds, as real bundlers and careless hands put them there. */

import assert from "node:assert/strict";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { build as esbuild } from "esbuild";
import fc from "fast-check";

import { path } from "../../scripts/lib/run.mjs";
import { ADMIN_KEY, KEY, KEY_ID, KEY_SECRET, OTHER_KEY } from "../lib/keys.mjs";
import { vite } from "../lib/vite.mjs";
import { examine, falWasm, fingerprint, folderOf } from "./doctor.mjs";

const MANIFEST = JSON.stringify({ name: "app", private: true, type: "module" });

test("what this repository publishes is clean", async () => {
  const { findings, builds, entries } = await examine(path("."));
  assert.deepEqual(findings, []);
  assert.ok(builds.some(({ folder, files }) => folder === "dist" && files > 50));
  assert.deepEqual(entries, {
    browser: "browser",
    worker: "browser",
    "no condition": "browser",
    workerd: "edge",
    "edge-light": "edge",
    deno: "edge",
    bun: "edge",
    node: "edge",
  });
});

/** An app, built by Vite as its users build it. @param {string} code @param {import("../lib/vite.mjs").Config} [config] @param {Record<string, string>} [more] */
async function builtByVite(code, config = {}, more = {}) {
  const html = '<!doctype html><script type="module" src="/main.js"></script>';
  const folder = folderOf({ "package.json": MANIFEST, "index.html": html, "main.js": code, ...more });
  await vite(folder, { resolve: { alias: { "fal-wasm": path("dist/browser/index.js") } }, ...config });
  return folder;
}

test("an app that calls its proxy is clean, also with source maps", async () => {
  const code = 'import { fal } from "fal-wasm"; fal.config({ proxyUrl: "/api/fal/proxy" }); window.fal = fal;';
  const { findings, builds } = await examine(await builtByVite(code, { build: { sourcemap: true } }));
  assert.deepEqual(findings, []);
  assert.ok(builds[0].folder === "dist" && builds[0].files >= 3);
});

test("Vite: a public variable shows as a key in the script, and by its name in the source map", async () => {
  const folder = await builtByVite(
    "window.key = import.meta.env.VITE_FAL_KEY;",
    { build: { sourcemap: true } },
    { ".env": `VITE_FAL_KEY=${KEY}\n` },
  );
  const { findings, words } = await examine(folder);
  const script = findings.find(({ code, file }) => code === "key" && /^dist\/assets\/index-.*\.js$/.test(file ?? ""));
  assert.equal(script?.fingerprint, fingerprint(KEY));
  assert.ok((script?.line ?? 0) >= 1 && (script?.column ?? 0) > 1);
  const named = findings.find(({ code, file }) => code === "public_variable" && file?.includes(".js.map: "));
  assert.equal(named?.detail, "VITE_FAL_KEY");
  assert.match(String(named?.file), /main\.js$/);
  assert.deepEqual([named?.line, named?.column], [1, "window.key = import.meta.env.".length + 1]);
  assert.ok(
    findings.some(({ code, file }) => code === "public_variable" && file === ".env"),
    "the next build, too",
  );
  assert.match(words, /Revoke it/);
});

test("Vite: an environment that is written in as a whole", async () => {
  const folder = await builtByVite("window.env = process.env;", {
    define: { "process.env": JSON.stringify({ FAL_KEY_ID: KEY_ID, FAL_KEY_SECRET: KEY_SECRET }) },
  });
  const { findings } = await examine(folder);
  assert.deepEqual(
    findings.map(({ code, fingerprint }) => [code, fingerprint]),
    [["key_half", fingerprint(KEY_SECRET)]],
  );
});

test("esbuild: a key that is defined, in the script and in the map that is part of it", async () => {
  const folder = folderOf({ "package.json": MANIFEST, "main.js": `// ${OTHER_KEY}\nconsole.log(process.env.FAL_KEY)` });
  await esbuild({
    entryPoints: [join(folder, "main.js")],
    outfile: join(folder, "build/main.js"),
    bundle: true,
    minify: true,
    sourcemap: "inline",
    define: { "process.env.FAL_KEY": JSON.stringify(KEY) },
  });
  const { findings } = await examine(folder);
  assert.deepEqual(
    findings.map(({ code, file, fingerprint, how }) => ({ code, file, fingerprint, how })),
    [
      { code: "key", file: "build/main.js", fingerprint: fingerprint(KEY), how: undefined },
      { code: "key", file: "build/main.js", fingerprint: fingerprint(OTHER_KEY), how: "base64" },
    ],
  );
});

const half = Math.floor(KEY.length / 2);
const [start, end] = [KEY.slice(0, half), KEY.slice(half)];
const base64 = (/** @type {string} */ text) => Buffer.from(text).toString("base64");

/** A key, hidden, and what the doctor says about how. @type {Record<string, [content: string | Uint8Array, how?: string]>} */
const HIDDEN = {
  "plain.js": [`a="${KEY}"`],
  "upper.js": [`a="${KEY.toUpperCase()}"`],
  "query.html": [`<a href="?k=${encodeURIComponent(KEY)}">`],
  "header.js": [`h={authorization:"Key ${KEY}"}`],
  "sum.js": [`a="${start}" + '${end}'`, "in pieces"],
  "lines.js": [`a="${start}" +\n  "${KEY_SECRET.slice(0, 0)}" +\n  "${end}"`, "in pieces"],
  "halves.js": [`a="${KEY_ID}"+":"+"${KEY_SECRET}"`, "in pieces"],
  "concat.js": [`a="${start}".concat("${end}")`, "in pieces"],
  "join.js": [`a=["${KEY_ID}","${KEY_SECRET}"].join(":")`, "in pieces"],
  "escape.js": [`a="${KEY.replace(":", "\\x3a")}"`, "in pieces"],
  "entity.html": [`<p>${KEY.replace(":", "&#58;")}</p>`, "in pieces"],
  "atob.js": [`atob("${base64(KEY)}")`, "base64"],
  "atob-shifted.js": [`atob("${base64(`?Key ${KEY}!`)}")`, "base64"],
  "atob-url.js": [`atob("${Buffer.from(`é>>?${KEY}`).toString("base64url")}")`, "base64"],
  "atob-twice.js": [`atob(atob("${base64(base64(KEY))}"))`, "base64"],
  "app.js.gz": [gzipSync(`let a="${KEY}"`), "compressed"],
  "app.js.br": [brotliCompressSync(`let a="${KEY}"`), "compressed"],
  "not-really.gz": [KEY],
  "powershell.env": [Buffer.from(`\ufeffFAL_KEY=${KEY}`, "utf16le")],
  "binary.bin": [Buffer.concat([Uint8Array.of(0, 255, 128), Buffer.from(KEY), Uint8Array.of(0)])],
  ".env": [`FAL_KEY=${KEY}`],
};

for (const [name, [content, how]] of Object.entries(HIDDEN)) {
  test(`a key is found in ${name}`, async () => {
    const { findings } = await examine(folderOf({ "package.json": MANIFEST, [`dist/${name}`]: content }));
    const keys = findings.filter(({ code }) => code === "key");
    assert.equal(keys.length, 1);
    assert.equal(keys[0].file, `dist/${name}`);
    assert.equal(keys[0].how, how);
    const same = name === "upper.js" ? KEY.toUpperCase() : KEY;
    assert.equal(keys[0].fingerprint, fingerprint(same));
  });
}

test("it is pointed at, to the character", async () => {
  const [text, pieces] = [`let a;\n/* é🍺 */ b="${KEY}"`, `\n\n x("${start}" + "${end}", "${OTHER_KEY}")`];
  const { findings, words } = await examine(
    folderOf({ "package.json": MANIFEST, "dist/a.js": text, "dist/b.js": pieces }),
  );
  const places = findings.map(({ file, line, column }) => [file, line, column]);
  assert.deepEqual(places.sort(), [
    ["dist/a.js", 2, '/* é🍺 */ b="'.length + 1],
    ["dist/b.js", 3, ' x("'.length + 1],
    ["dist/b.js", 3, ` x("${start}" + "${end}", "`.length + 1],
  ]);
  assert.match(words, /dist\/a\.js:2:14 {2}a fal key \(SHA-256 [0-9a-f]{12}…\)/);
});

test("many keys in one file are all told, each once", async () => {
  const content = `${KEY} ${ADMIN_KEY} ${KEY}${OTHER_KEY} "${KEY}"`;
  const { findings } = await examine(folderOf({ "package.json": MANIFEST, "dist/a.js": content }));
  const expected = [KEY, ADMIN_KEY, OTHER_KEY].map(fingerprint);
  assert.deepEqual(new Set(findings.map(({ fingerprint }) => fingerprint)), new Set(expected));
  assert.equal(findings.length, 3);
});

test("a name of a file is not shown when it is a key, or would move the cursor", async () => {
  const name = `dist/${KEY}\u001b[2J.js`;
  const { findings, words } = await examine(folderOf({ "package.json": MANIFEST, [name]: KEY }));
  assert.equal(findings[0].file, "dist/[key]?[2J.js");
  assert.ok(!words.includes("\u001b"));
});

test("what only looks a little like it is no finding", async () => {
  const harmless = [
    `id="${KEY_ID}"; md5="${KEY_SECRET}"`,
    `${KEY.slice(0, -1)}.`,
    KEY.replace(":", "-"),
    "VITE_FALLBACK_KEY VITE_DEFAULT_KEY NEXT_PUBLIC_FALCON_KEY NEXT_PUBLIC_FAL_PROXY_URL FAL_KEY MY_VITE_FAL_KEY",
    'process.env.FAL_KEY FAL_KEY_SECRET="" FAL_KEY: env.FAL_KEY',
  ];
  const files = Object.fromEntries(harmless.map((text, index) => [`dist/${index}.js`, text]));
  assert.deepEqual((await examine(folderOf({ "package.json": MANIFEST, ...files }))).findings, []);
});

test("every framework's public prefix is known", async () => {
  const prefixes = "EXPO_PUBLIC GATSBY NEXT_PUBLIC NG_APP NUXT_PUBLIC PUBLIC REACT_APP STORYBOOK VITE VUE_APP".split(
    " ",
  );
  const names = [...prefixes.map((prefix) => `${prefix}_FAL_KEY`), "VITE_MY_FAL_API_KEY_ID", "PUBLIC_FALAI_KEY"];
  const { findings } = await examine(folderOf({ "package.json": MANIFEST, "dist/a.js": names.join("; ") }));
  assert.deepEqual(findings.map(({ detail }) => detail).sort(), names.sort());
});

test("builds are found where frameworks put them; packages, caches and links are left alone", async () => {
  const builds = [
    ".next/static/a.js",
    ".output/public/a.js",
    ".svelte-kit/output/client/a.js",
    ".vercel/output/static/a.js",
  ];
  const found = [...builds, "dist/a.js", "build/a.js", "out/a.js", "public/a.js", "www/a.js", "_site/a.js"];
  const left = ["src/a.js", "dist/node_modules/x/a.js", ".next/cache/a.js"];
  const folder = folderOf({
    "package.json": MANIFEST,
    ...Object.fromEntries([...found, ...left].map((name) => [name, KEY])),
  });
  symlinkSync(folder, join(folder, "dist/again"));
  const { findings } = await examine(folder);
  assert.deepEqual(findings.map(({ file }) => file).sort(), found.sort());
  assert.deepEqual(
    (await examine(join(folder, "out"))).findings.map(({ file }) => file),
    ["out/a.js"],
  );
  assert.deepEqual(
    (await examine(join(folder, "src"))).findings.map(({ file }) => file),
    ["src/a.js"],
    "named, it counts",
  );
});

test("a file that cannot be read is not called clean", { skip: process.getuid?.() === 0 }, async () => {
  const folder = folderOf({ "package.json": MANIFEST, "dist/a.js": "" });
  chmodSync(join(folder, "dist/a.js"), 0);
  assert.deepEqual((await examine(folder)).findings, [{ code: "unreadable", file: "dist/a.js" }]);
});

/** An app that uses the client, bundled with these conditions. @param {string[]} conditions @param {string} outfile @param {Record<string, string>} [define] */
async function bundled(conditions, outfile, define) {
  const folder = folderOf({ "package.json": MANIFEST, "dist/index.html": "<!doctype html>" });
  await esbuild({
    stdin: {
      contents: 'import { createFalClient } from "fal-wasm"; globalThis.fal = createFalClient({ proxyUrl: "/api" });',
      resolveDir: path("."),
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    conditions,
    define,
    external: ["*.wasm?module"],
    outfile: join(folder, outfile),
  });
  return folder;
}

test("the edge build among files for browsers is a finding, on the server's side it is not", async () => {
  assert.deepEqual((await examine(await bundled(["browser"], "dist/app.js"))).findings, []);
  const { findings, words } = await examine(await bundled(["node"], "dist/app.js"));
  assert.deepEqual(findings, [{ code: "edge_build_served", file: "dist/app.js" }]);
  assert.match(words, /has to see `browser`/);
  assert.deepEqual((await examine(await bundled(["workerd"], "dist/_worker.js/index.js"))).findings, []);
  assert.equal((await examine(await bundled(["node"], "build/client/assets/app.js"))).findings.length, 1);
  assert.deepEqual((await examine(await bundled(["node"], "build/server/app.js"))).findings, []);
});

test("no bundler writes a key into either build of the package", async () => {
  const environment = {
    "process.env": JSON.stringify({ FAL_KEY: KEY, FAL_KEY_ID: KEY_ID, FAL_KEY_SECRET: KEY_SECRET }),
  };
  for (const define of [environment, { "process.env.FAL_KEY": JSON.stringify(KEY) }]) {
    for (const condition of ["browser", "node", "workerd"]) {
      const { builds, findings } = await examine(await bundled([condition], "build/server/app.js", define));
      assert.deepEqual(findings, [], condition);
      assert.equal(builds[0].files, 1);
    }
  }
  const code = 'import { createFalClient } from "fal-wasm"; window.fal = createFalClient({ proxyUrl: "/api" });';
  assert.deepEqual((await examine(await builtByVite(code, { define: environment }))).findings, []);
});

test("a bundle of ten megabytes takes seconds", async () => {
  const line = 'a("b","c")+"d"+e["f"]||{g:"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",i:\'j\',k:`l`};"     "   ;\n';
  const image = Buffer.alloc(1 << 20, "any bytes at all, as a picture has them").toString("base64");
  const content = `${line.repeat(100_000)}"data:image/png;base64,${image}"\n${" ".repeat(1 << 20)}"${KEY}"`;
  // A few seconds where nothing else runs; what grows with the square of the length takes far longer than this.
  const began = Date.now();
  const { findings } = await examine(folderOf({ "package.json": MANIFEST, "dist/a.js": content }));
  assert.equal(findings.length, 1);
  assert.ok(Date.now() - began < 60_000, `${Date.now() - began} ms`);
});

test("any text around a key, and any of its disguises, leaves it findable", async () => {
  const { inFile } = await import("../../dist/cli/search.js");
  const folder = folderOf({ "a.txt": "" });
  const { writeFileSync } = await import("node:fs");
  const disguise = fc.constantFrom(
    (/** @type {string} */ key) => key,
    (/** @type {string} */ key) => encodeURIComponent(key),
    (/** @type {string} */ key) => `"${key.slice(0, 20)}" + '${key.slice(20)}'`,
    (/** @type {string} */ key) => `"${base64(key)}"`,
    (/** @type {string} */ key) => JSON.stringify({ sources: ["a"], sourcesContent: [`x = "${key}"`] }),
  );
  const hexFree = fc.string({ unit: fc.constantFrom("x", " ", "\n", '"', "'", ",", "+", "(", "é", "{", ".") });
  fc.assert(
    fc.property(hexFree, disguise, hexFree, (before, hide, after) => {
      const file = { path: join(folder, "a.txt"), name: "a.txt", size: 0, served: false };
      writeFileSync(file.path, `${before}\n${hide(KEY)}\n${after}`);
      const found = inFile(file);
      assert.deepEqual(
        found.map(({ fingerprint }) => fingerprint),
        [fingerprint(KEY)],
      );
    }),
    { numRuns: 300 },
  );
});

test("called wrongly it says how, and ends with 2", async () => {
  const folder = folderOf({ "package.json": MANIFEST });
  for (const args of [
    [],
    ["nurse"],
    ["doctor", "--keys"],
    ["doctor", "a", "b"],
    ["doctor", "/nowhere/at/all"],
    ["doctor", "package.json"],
  ]) {
    const { code, said } = await falWasm(args, { cwd: folder });
    assert.equal(code, 2, args.join(" "));
    assert.match(said, /^Usage:\n +fal-wasm doctor/);
  }
  const help = await falWasm(["--help"]);
  assert.ok(help.code === 0 && help.said.startsWith("Usage"));
  const here = await falWasm(["doctor"], { cwd: folder });
  assert.equal(here.code, 2);
  assert.match(here.said, /Builds: none\. Build first[\s\S]*not installed here[\s\S]*build first/);
});
