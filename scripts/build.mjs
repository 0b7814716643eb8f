/** `npm run build`: compiles the crate for both builds, and adds the JavaScript layer, as the folder that is published. */

import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { assemble as assembleBuild, assembleCli } from "./lib/assemble.mjs";
import { commonjs } from "./lib/commonjs.mjs";
import { declarations } from "./lib/declarations.mjs";
import { glue, noWasmGlue } from "./lib/glue.mjs";
import { inlined } from "./lib/inline.mjs";
import { compileToJs, instanceSource } from "./lib/no-wasm.mjs";
import { path, run, say, script } from "./lib/run.mjs";
import { npmPackages, rust } from "./lib/setup.mjs";
import { files, unlessMade } from "./lib/stamp.mjs";
import { CODING, codingSource, withCoding } from "./lib/text-coding.mjs";

const CRATE = ["src", "wasm", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "scripts/build.mjs"];
/** @typedef {"browser" | "edge"} Build */
/** @type {Build[]} */
const BUILDS = ["browser", "edge"];

/** Builds everything that is not up to date. */
export async function build() {
  await npmPackages();
  await rust();
  for (const build of BUILDS) {
    await unlessMade(`wasm-${build}`, CRATE, [`target/pkg/${build}/core.wasm`], () => compile(build));
  }
  await unlessMade(
    "no-wasm",
    [...CRATE, "scripts/lib/no-wasm.mjs", "package-lock.json"],
    ["target/pkg/no-wasm/instance.js"],
    async () => {
      mkdirSync(path("target/pkg/no-wasm"), { recursive: true });
      await compileToJs(path("target/pkg/browser/core.wasm"), path("target/pkg/no-wasm"));
    },
  );
  await unlessMade(
    "dist",
    [
      ...CRATE,
      "js",
      "scripts/lib/assemble.mjs",
      "scripts/lib/commonjs.mjs",
      "scripts/lib/declarations.mjs",
      "scripts/lib/glue.mjs",
      "scripts/lib/inline.mjs",
      "scripts/lib/no-wasm.mjs",
      "scripts/lib/text-coding.mjs",
      "package.json",
      "tsconfig.json",
    ],
    ["dist/browser/core.js", "dist/edge/core.js", "dist/no-wasm/core.js"],
    assemble,
  );
}

/** What the glue adds (scripts/lib/glue.mjs). */
const ADDED = `
/** The memory of the module. */
export function memory(): ArrayBuffer;
/** Whether an error is a trap: a bug of the core, after which its instance is lost. */
export function isTrap(error: unknown): boolean;
`;

/** Rust to WebAssembly, its glue, and wasm-opt. @param {Build} build */
async function compile(build) {
  say(`Compiling the ${build} build …`);
  const out = path("target/pkg", build);
  rmSync(out, { recursive: true, force: true });
  const flags = [
    "--target",
    "web",
    "--no-pack",
    "--no-opt",
    "--profile",
    "wasm",
    "--out-dir",
    out,
    "--out-name",
    "core",
  ];
  const env = { PATH: path("target/tools-build/debug") + delimiter + process.env.PATH, RUSTFLAGS: remap() };
  await run(
    path("target/tools/bin/wasm-pack"),
    ["build", path("wasm"), ...flags, "--", "--locked", "--features", build],
    { quiet: true, env },
  );
  appendFileSync(`${out}/core.d.ts`, ADDED);
  const features = ["--enable-bulk-memory", "--enable-reference-types"];
  const optimize = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--converge",
    "--strip-producers",
    "--strip-target-features",
  ];
  const wasmOpt = path("node_modules/binaryen/bin/wasm-opt");
  await run(process.execPath, [wasmOpt, `${out}/core_bg.wasm`, "-o", `${out}/core.wasm`, ...features, ...optimize], {
    quiet: true,
  });
}

/** Keeps paths of this machine out, so that every machine builds the same bytes. */
const remap = () => `--remap-path-prefix=${path(".")}=. --remap-path-prefix=${process.env.CARGO_HOME ?? ""}=`;

/** Puts the glue, the WebAssembly and the JavaScript layer together. */
async function assemble() {
  const { version } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  const fresh = path("target/dist");
  rmSync(fresh, { recursive: true, force: true });
  for (const build of BUILDS) {
    const out = `${fresh}/${build}`;
    const pkg = path("target/pkg", build);
    mkdirSync(out, { recursive: true });
    await assembleBuild(build, out, version);
    if (build === "edge") cpSync(path("js/core/wasm.module.js"), `${out}/wasm.module.js`);
    const wasm = build === "edge" ? "#wasm" : "./wasm.js";
    writeFileSync(`${out}/core.js`, glue(readFileSync(`${pkg}/core.js`, "utf8"), wasm, build));
    writeFileSync(`${out}/wasm.js`, inlined(readFileSync(`${pkg}/core.wasm`)));
    cpSync(`${pkg}/core.wasm`, `${out}/core.wasm`);
  }
  await assembleNoWasm(`${fresh}/no-wasm`, version);
  await assembleCli(`${fresh}/cli`, version);
  await declarations(`${fresh}/types`);
  await commonjs(fresh, [...BUILDS, "no-wasm"]);
  rmSync(path("dist"), { recursive: true, force: true });
  renameSync(fresh, path("dist"));
  for (const build of BUILDS) report(build);
}

/** The browser build with its core as JavaScript. @param {string} out @param {string} version */
async function assembleNoWasm(out, version) {
  await assembleBuild("browser", out, version);
  const glueCode = readFileSync(path("target/pkg/browser/core.js"), "utf8");
  writeFileSync(`${out}/core.js`, noWasmGlue(glueCode, instanceSource(path("target/pkg/no-wasm"))));
  const { transform } = await import("esbuild");
  const coding = await transform(codingSource(), { loader: "ts", target: "es2022" });
  writeFileSync(`${out}/${CODING}`, coding.code);
  for (const file of files(out)) {
    const name = file.slice(out.length + 1).replaceAll("\\", "/");
    // Where Hermes has no such symbol, Babel's loops look for that name.
    const source = readFileSync(file, "utf8").replaceAll(
      "[Symbol.asyncIterator]",
      '[Symbol.asyncIterator ?? "@@asyncIterator"]',
    );
    writeFileSync(file, withCoding(name, source));
  }
}

/** @param {Build} build */
function report(build) {
  const wasm = path("dist", build, "core.wasm");
  const modules = files(path("dist", build)).filter((file) => file.endsWith(".js"));
  const js = modules
    .filter((file) => !/wasm(\.module)?\.js$/.test(file))
    .reduce((sum, file) => sum + statSync(file).size, 0);
  const packed = brotliCompressSync(readFileSync(wasm)).length;
  say(
    `dist/${build}: core.wasm ${statSync(wasm).size} B (brotli ${packed} B), JavaScript layer and glue ${js} B unminified`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await script(build);
