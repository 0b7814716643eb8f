/** `npm run build`: compiles the crate for both builds, and adds the JavaScript layer, as the folder that is published. */

import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { assemble as assembleBuild, assembleCli, entriesOf } from "./lib/assemble.mjs";
import { binaryen } from "./lib/binaryen.mjs";
import { bundle } from "./lib/bundle.mjs";
import { commonjs } from "./lib/commonjs.mjs";
import { declarations } from "./lib/declarations.mjs";
import { glue, noWasmGlue, placesOf, plainFunctions, plainGlue } from "./lib/glue.mjs";
import { inlined } from "./lib/inline.mjs";
import { compileToJs, instanceSource } from "./lib/no-wasm.mjs";
import { path, run, say, script } from "./lib/run.mjs";
import { SESSION, compileSession, sessionModule } from "./lib/session.mjs";
import { npmPackages, rust } from "./lib/setup.mjs";
import { files, unlessMade } from "./lib/stamp.mjs";
import { CODING, codingSource, withCoding } from "./lib/text-coding.mjs";
import { remap, wasmPack } from "./lib/wasm-pack.mjs";

const CRATE = [
  "src",
  "wasm",
  "Cargo.toml",
  "Cargo.lock",
  "rust-toolchain.toml",
  "scripts/build.mjs",
  "scripts/lib/binaryen.mjs",
  "scripts/lib/wasm-pack.mjs",
];
/** The edge build before its modules become few files: tests look into them. */
const MODULES = "target/modules/edge";

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
    "session",
    [...CRATE, "scripts/lib/session.mjs", "scripts/lib/no-wasm.mjs", "package-lock.json"],
    [`${SESSION}/instance.js`],
    () => compileSession({ RUSTFLAGS: `${remap()} -C link-arg=-zstack-size=32768` }),
  );
  await unlessMade(
    "dist",
    [
      ...CRATE,
      "js",
      "scripts/lib/assemble.mjs",
      "scripts/lib/bundle.mjs",
      "scripts/lib/commonjs.mjs",
      "scripts/lib/constants.mjs",
      "scripts/lib/declarations.mjs",
      "scripts/lib/glue.mjs",
      "scripts/lib/inline.mjs",
      "scripts/lib/no-wasm.mjs",
      "scripts/lib/session.mjs",
      "scripts/lib/text-coding.mjs",
      "package.json",
      "tsconfig.json",
    ],
    ["dist/browser/core.js", "dist/edge/index.js", "dist/no-wasm/core.js", `${MODULES}/core.js`],
    assemble,
  );
}

/** What the glue adds (scripts/lib/glue.mjs). */
const ADDED = `
/** The memory of the module. */
export function memory(): ArrayBuffer;
/** Where the numbers are in it, where the state is, and how many bytes that has. */
export function places(): [numbers: number, state: number, stateBytes: number];
/** Whether an error is a trap: a bug of the core, after which its instance is lost. */
export function isTrap(error: unknown): boolean;
`;

const FEATURES = ["--enable-bulk-memory", "--enable-reference-types"];
const STRIPPED = ["--strip-producers", "--strip-target-features"];
/** How wasm-opt makes a module small. For that of a server, more passes take three times as long and bring nothing. */
const SMALL = [...FEATURES, "-Oz", ...STRIPPED];
/** How it makes that of a page as small as it can. */
export const OPTIMIZE = [
  ...FEATURES,
  "--flatten",
  "--rereloop",
  "-Oz",
  "-Oz",
  "--always-inline-max-function-size=12",
  "--const-hoisting",
  ...STRIPPED,
  "--converge",
];

/** Rust to WebAssembly, its glue, and wasm-opt. @param {Build} build */
async function compile(build) {
  say(`Compiling the ${build} build …`);
  const out = path("target/pkg", build);
  const rustflags = build === "browser" ? SMALL_STACK : "";
  await wasmPack("wasm", { profile: "wasm", out, name: "core", features: build, rustflags });
  appendFileSync(`${out}/core.d.ts`, ADDED);
  let linked = `${out}/core_bg.wasm`;
  if (build === "browser") {
    const called = plainFunctions(readFileSync(`${out}/core.js`, "utf8"));
    writeFileSync(`${out}/exports.json`, JSON.stringify(onlyThese(["memory", ...called])));
    await binaryen(
      "wasm-metadce",
      "-g",
      linked,
      "--graph-file",
      `${out}/exports.json`,
      "-o",
      `${out}/core_called.wasm`,
      ...FEATURES,
    );
    linked = `${out}/core_called.wasm`;
  }
  await binaryen("wasm-opt", linked, "-o", `${out}/core.wasm`, ...(build === "browser" ? OPTIMIZE : SMALL));
}

/**
 * 6 kB of stack instead of 1 MiB for the browser's core: the deepest calls take 1.2 kB, and nothing recurses. The stack comes
 * first in the memory, so that each address behind it takes two bytes less in the code, and an overflow is a trap.
 */
const SMALL_STACK = " -C link-arg=-zstack-size=6144";

/** What is kept of a module, as `wasm-metadce` reads it. @param {string[]} names Exports. */
const onlyThese = (names) => [
  { name: "page", root: true, reaches: names },
  ...names.map((name) => ({ name, export: name })),
];

/** Where things are in the memory of the browser's core: the linker has decided. */
const browserPlaces = () => placesOf(readFileSync(path("target/pkg/browser/core_bg.wasm")));

/** Puts together what is published, and leaves no time without it. */
async function assemble() {
  const fresh = path("target/dist");
  await assembleInto(fresh, path(MODULES));
  rmSync(path("dist"), { recursive: true, force: true });
  renameSync(fresh, path("dist"));
  for (const build of BUILDS) report(build);
}

/**
 * Puts the glue, the WebAssembly and the JavaScript layer together.
 *
 * @param {string} fresh The folder, which is made anew. @param {string} modules One for the modules of the edge build, too.
 */
export async function assembleInto(fresh, modules) {
  const { version } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  for (const folder of [fresh, modules]) rmSync(folder, { recursive: true, force: true });
  for (const build of BUILDS) {
    const published = `${fresh}/${build}`;
    const out = build === "edge" ? modules : published;
    const pkg = path("target/pkg", build);
    for (const folder of [out, published]) mkdirSync(folder, { recursive: true });
    writeFileSync(`${out}/session.js`, sessionModule());
    await assembleBuild(build, out, version);
    const wasm = build === "edge" ? "#wasm" : "./wasm.js";
    const code = readFileSync(`${pkg}/core.js`, "utf8");
    writeFileSync(`${out}/core.js`, build === "edge" ? glue(code, wasm) : plainGlue(code, wasm, browserPlaces()));
    writeFileSync(`${published}/wasm.js`, inlined(readFileSync(`${pkg}/core.wasm`)));
    cpSync(`${pkg}/core.wasm`, `${published}/core.wasm`);
  }
  await bundle(modules, entriesOf("edge"), `${fresh}/edge`);
  cpSync(path("js/core/wasm.module.js"), `${fresh}/edge/wasm.module.js`);
  await assembleNoWasm(`${fresh}/no-wasm`, version);
  await assembleBuild("shared", `${fresh}/shared`, version);
  await assembleCli(`${fresh}/cli`, version);
  await declarations(`${fresh}/types`);
  await commonjs(fresh, [...BUILDS, "no-wasm", "shared"]);
}

/** The browser build with its core as JavaScript. @param {string} out @param {string} version */
async function assembleNoWasm(out, version) {
  await assembleBuild("browser", out, version);
  writeFileSync(`${out}/session.js`, sessionModule());
  const glueCode = readFileSync(path("target/pkg/browser/core.js"), "utf8");
  writeFileSync(`${out}/core.js`, noWasmGlue(glueCode, instanceSource(path("target/pkg/no-wasm")), browserPlaces()));
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
