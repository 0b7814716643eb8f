/**
 * wasm-bindgen's glue, as the package contains it: started at its first use, so that importing never fails, and without what none of its runtimes needs.
 *
 * It starts in the module that exports it, so that a bundler which drops unused modules cannot drop the start.
 */

import { readFileSync } from "node:fs";

import { path } from "./run.mjs";

/** What is removed, and what replaces it. Each pattern must match: the glue of another version may differ. @type {[RegExp, string][]} */
const CHANGES = [
  [/^\/\* @ts-self-types.*\n/, ""],
  // The package starts it with a compiled module, which may come from another realm and fail an `instanceof`.
  [/\nasync function __wbg_load[\s\S]*?(?=\nfunction initSync)/, ""],
  [/\nlet __wbg_init_promise;[\s\S]*?(?=\nexport \{ initSync)/, ""],
  [/\nfunction initSync\(module\) \{[\s\S]*?\n\}/, ""],
  [/\nexport \{ initSync.*\n?$/, "\n"],
  // Every runtime with WebAssembly reference types has this.
  [/\nif \(!\('encodeInto' in cachedTextEncoder\)\) \{[\s\S]*?\n\}\n/, "\n"],
  // It is always passed, and always returns what it is asked for.
  [/\n    if \(realloc === undefined\) \{[\s\S]*?\n    \}\n/, "\n"],
  // The browser build decodes a few hundred bytes at most, and the edge build does not run in Safari.
  [
    /const MAX_SAFARI_DECODE_BYTES[\s\S]*?\n    return cachedTextDecoder/,
    "function decodeText(bytes) {\n    return cachedTextDecoder",
  ],
  [/\ncachedTextDecoder\.decode\(\);/, ""],
  // Each call of a proxy makes one, and defining a property takes longer than what the core does.
  [
    /Object\.defineProperty\((\w+), '__wbg_inst', \{ value: __wbg_instance_id, writable: true \}\);/g,
    "$1.__wbg_inst = __wbg_instance_id;",
  ],
  // Nobody outside of the package holds one.
  [/\nif \(Symbol\.dispose\).*\n/g, "\n"],
];

/** Throws what a page without WebAssembly is told. @param {string} start Statements that start the module. */
const started = (start) => {
  const [, kind] = /WebassemblyMissing = (\d+)/.exec(readFileSync(path("js/core/wire.ts"), "utf8")) ?? [];
  return `  try {
    ${start}
  } catch (cause) {
    throw new OperationError(${kind}, { cause });
  }
`;
};

/** @param {string} wasm */
const imports = (wasm) => `import module from "${wasm}";\nimport { OperationError } from "./errors/errors.js";\n`;

/** Whether an error is a trap. There may be no WebAssembly, and then no trap. */
const IS_TRAP =
  "export const isTrap = (error) => globalThis.WebAssembly && error instanceof WebAssembly.RuntimeError;\n";

/** Where something is in the memory. They are constants of the browser's module, which its page has no need to ask for. */
const PLACES = ["numbersPlace", "statePlace", "stateBytes"];

/** What they are. @param {Uint8Array<ArrayBuffer>} linked The module with all exports that wasm-bindgen has given it. */
export function placesOf(linked) {
  const glue = { "./core_bg.js": { __wbindgen_init_externref_table() {} } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(linked), glue);
  return PLACES.map((name) => /** @type {() => number} */ (exports[name])());
}

/**
 * The functions of the browser's module that a page calls: each takes and gives numbers, so there is nothing between JavaScript
 * and it. They are counts and places in a memory of 64 kB, so none is negative where it is read with a sign.
 *
 * @param {string} code The glue that wasm-bindgen has made of it.
 */
export function plainFunctions(code) {
  const needed = [...code.matchAll(/^ {8}(\w+): function/gm)].map(([, name]) => name);
  const names = [...code.matchAll(/\nexport function (\w+)\(/g)].map(([, name = ""]) => name);
  if (names.length === 0 || needed.some((name) => name !== "__wbindgen_init_externref_table")) {
    throw new Error(`The browser build has more than numbers in its glue: ${needed.join(", ")}`);
  }
  return names.filter((name) => name !== "__wbg_reset_state" && !PLACES.includes(name));
}

/**
 * What gives them: of the instance that is running, which starts at its first use, and after a trap once more.
 *
 * @param {string} code @param {string} running Statements that give the exports of the instance, and start one where there is none.
 * @param {number[]} places
 */
const plainExports = (code, running, places) => `let wasm;
function running() {
${running}}
export const __wbg_reset_state = () => {
  wasm = undefined;
};
export const memory = () => running().memory.buffer;
export const places = () => [${places.join(", ")}];
${plainFunctions(code)
  .map((name) => `export const ${name} = (...numbers) => running().${name}(...numbers);\n`)
  .join("")}`;

/** The glue of the browser build. @param {string} code @param {string} wasm Where the compiled module comes from. @param {number[]} places */
export const plainGlue = (code, wasm, places) =>
  `${imports(wasm)}${IS_TRAP}${plainExports(
    code,
    started("return (wasm ??= new WebAssembly.Instance(module()).exports);"),
    places,
  )}`;

/**
 * The same functions of an instance that is JavaScript.
 *
 * @param {string} code The glue of the browser build. @param {string} instance What makes an instance (scripts/lib/no-wasm.mjs).
 * @param {number[]} places
 */
export const noWasmGlue = (code, instance, places) => `// Made by wasm2js from the core of the browser build.
class Trap extends Error {}
${instance}
const start = asmFunc;
export const isTrap = (error) => error instanceof Trap;
${plainExports(code, "  return (wasm ??= start());\n", places)}`;

/** The glue of the edge build. @param {string} code @param {string} wasm Where the compiled module comes from. */
export function glue(code, wasm) {
  const changed = CHANGES.reduce((text, [part, instead]) => {
    const next = text.replace(part, instead);
    if (next === text) throw new Error(`wasm-bindgen's glue has changed: ${part}`);
    return next;
  }, code);
  const start =
    "const compiled = module(); __wbg_finalize_init(new WebAssembly.Instance(compiled, __wbg_get_imports()), compiled);";
  return `${imports(wasm)}${changed}function start() {
${started(start)}}
// Until something of it is used for the first time, \`wasm\` is a stand-in.
wasm = new Proxy({}, { get: (_, name) => (start(), wasm[name]) });
${IS_TRAP}export const memory = () => wasm.memory.buffer;
export const places = () => [${PLACES.map((name) => `${name}()`).join(", ")}];
`;
}
