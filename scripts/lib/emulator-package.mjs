/** The npm package `fal-emulator`: the model as WebAssembly, and what Node puts around it. */

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";

import { path, run, say } from "./run.mjs";
import { npmPackages, rust } from "./setup.mjs";
import { unlessMade } from "./stamp.mjs";
import { wasmPack } from "./wasm-pack.mjs";

const CRATE = ["emulator/Cargo.toml", "emulator/src", "emulator/painter", "emulator/wasm", "Cargo.toml", "Cargo.lock"];
const SHAPES = "tests/data/platform-shapes.json";
const PACKAGE = "emulator/npm";
const PKG = path("target/pkg/emulator");

/** For a release: small and fast. */
const RELEASE = { profile: "emulator" };
/**
 * For the demo and the tests of this repository: soon. With the profile of the library they share its macros, which are a quarter
 * of the work.
 */
const SOON = {
  profile: "wasm",
  settings: [
    "opt-level=0",
    ...["fal-emulator-painter", "tiny-skia", "png"].map((name) => `package.${name}.opt-level=1`),
  ],
};

/** Builds the package, where that is not up to date; returns the folder that is published. */
export async function emulatorPackage({ release = false } = {}) {
  const options = release ? RELEASE : SOON;
  await npmPackages();
  await unlessMade(
    "wasm-emulator",
    [...CRATE, SHAPES, "rust-toolchain.toml", "scripts/lib/wasm-pack.mjs", JSON.stringify(options)],
    ["target/pkg/emulator/emulator_bg.wasm"],
    () => compile(options),
  );
  await unlessMade(
    "emulator-package",
    [
      ...CRATE,
      SHAPES,
      `${PACKAGE}/src`,
      `${PACKAGE}/package.json`,
      `${PACKAGE}/tsconfig.json`,
      "scripts/lib/emulator-package.mjs",
      JSON.stringify(options),
    ],
    [`${PACKAGE}/dist/cli.js`],
    assemble,
  );
  // Where `import` finds it, as in a project that has installed it.
  const link = path("node_modules/fal-emulator");
  if (!existsSync(link)) symlinkSync(path(PACKAGE), link, "junction");
  return path(PACKAGE);
}

/** @param {{ profile: string, settings?: string[] }} options */
async function compile(options) {
  await rust();
  say("Compiling the emulator (a minute) …");
  await wasmPack("emulator/wasm", { ...options, out: PKG, name: "emulator" });
}

/** What a page that is imitated, such as Jest's jsdom, lacks of Node. */
const NODE = `const { TextDecoder = require("node:util").TextDecoder, TextEncoder = require("node:util").TextEncoder } = globalThis;
const moduleUrl = require("node:url").pathToFileURL(__filename).href;`;

async function assemble() {
  const { build } = await import("esbuild");
  const fresh = path("target/emulator-package");
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const common = /** @type {import("esbuild").BuildOptions & { external: string[] }} */ ({
    bundle: true,
    platform: "node",
    target: "node20.19",
    external: ["ws", "werift", "./index.js"],
    alias: { "#model": `${PKG}/emulator.js` },
    legalComments: "none",
    logLevel: "warning",
  });
  const source = (/** @type {string} */ name) => path(PACKAGE, "src", `${name}.ts`);
  await build({ ...common, entryPoints: [source("index")], format: "esm", outfile: `${fresh}/index.js` });
  await build({
    ...common,
    platform: "neutral",
    entryPoints: [source("in-memory")],
    format: "esm",
    outfile: `${fresh}/in-memory.js`,
  });
  await build({
    ...common,
    entryPoints: [source("index")],
    format: "cjs",
    outfile: `${fresh}/index.cjs`,
    banner: { js: NODE },
    define: { "import.meta.url": "moduleUrl" },
  });
  // The command takes the package as everybody does.
  const { outputFiles } = await build({
    ...common,
    bundle: false,
    external: undefined,
    alias: undefined,
    entryPoints: [source("cli")],
    format: "esm",
    write: false,
  });
  writeFileSync(`${fresh}/cli.js`, (outputFiles[0]?.text ?? "").replace('"./index.ts"', '"./index.js"'), {
    mode: 0o755,
  });
  copyFileSync(`${PKG}/emulator_bg.wasm`, `${fresh}/emulator.wasm`);
  await declarations(fresh);
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(path(name), path(PACKAGE, name));
  rmSync(path(PACKAGE, "dist"), { recursive: true, force: true });
  renameSync(fresh, path(PACKAGE, "dist"));
}

/** The types of each entry in one file, for `import` and for `require`. @param {string} out */
async function declarations(out) {
  const made = path("target/emulator-types");
  rmSync(made, { recursive: true, force: true });
  const emit = [
    "--noEmit",
    "false",
    "--rootDir",
    path(PACKAGE, "src"),
    "--declaration",
    "--emitDeclarationOnly",
    "--outDir",
    made,
  ];
  await run(process.execPath, [path("node_modules/typescript/bin/tsc"), "-p", path(PACKAGE), ...emit]);
  const text = (/** @type {string} */ name) => readFileSync(`${made}/${name}.d.ts`, "utf8");
  const own = (/** @type {string} */ name) => text(name).replace(/^(?:import|export type \*) .*from "\.\/.*$\n/gm, "");
  const types = readFileSync(path(PACKAGE, "src/types.d.ts"), "utf8");
  const index = types + own("server-types") + own("index");
  writeFileSync(`${out}/index.d.ts`, index);
  writeFileSync(`${out}/index.d.cts`, index);
  writeFileSync(`${out}/in-memory.d.ts`, types + own("in-memory"));
}
