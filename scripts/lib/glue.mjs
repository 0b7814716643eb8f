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
  // Nobody outside of the package holds one.
  [/\nif \(Symbol\.dispose\).*\n/g, "\n"],
];

/**
 * What starts the module when something of it is used for the first time: until then `wasm` is a stand-in.
 *
 * @param {string} start Statements that start it.
 */
function atFirstUse(start) {
  const [, kind] = /WebassemblyMissing = (\d+)/.exec(readFileSync(path("js/core/wire.ts"), "utf8")) ?? [];
  return `function start() {
  try {
    ${start}
  } catch (cause) {
    throw new OperationError(${kind}, cause);
  }
}
wasm = new Proxy({}, { get: (_, name) => (start(), wasm[name]) });
`;
}

/** @param {string} wasm */
const imports = (wasm) => `import module from "${wasm}";\nimport { OperationError } from "./errors/errors.js";\n`;

/** The memory, which the JavaScript layer reads and writes. */
const MEMORY = "export const memory = () => wasm.memory.buffer;\n";

/** Whether an error is a trap. There may be no WebAssembly, and then no trap. */
const IS_TRAP =
  "export const isTrap = (error) => globalThis.WebAssembly && error instanceof WebAssembly.RuntimeError;\n";

/**
 * The functions of the browser's module: each takes and gives numbers, so there is nothing between JavaScript and it. They are
 * counts and places in a memory of a megabyte, so none is negative where it is read with a sign.
 *
 * @param {string} code
 */
function plainFunctions(code) {
  const functions = [...code.matchAll(/\nexport function (\w+)\(([^)]*)\) \{\n([\s\S]*?)\n\}/g)].filter(
    ([, name]) => name !== "__wbg_reset_state",
  );
  const needed = [...code.matchAll(/^ {8}(\w+): function/gm)].map(([, name]) => name);
  if (functions.length === 0 || needed.some((name) => name !== "__wbindgen_init_externref_table")) {
    throw new Error(`The browser build has more than numbers in its glue: ${needed.join(", ")}`);
  }
  const lines = functions.map(([, name]) => `export const ${name} = (...numbers) => wasm.${name}(...numbers);\n`);
  return `export const __wbg_reset_state = start;\n${MEMORY}${lines.join("")}`;
}

/** @param {string} code @param {string} wasm */
function plainGlue(code, wasm) {
  const start = `wasm = new WebAssembly.Instance(module(), { "./core_bg.js": { __wbindgen_init_externref_table() {} } }).exports;`;
  return `${imports(wasm)}let wasm;
${atFirstUse(start)}${IS_TRAP}${plainFunctions(code)}`;
}

/**
 * The same functions of an instance that is JavaScript.
 *
 * @param {string} code The glue of the browser build. @param {string} instance What makes an instance (scripts/lib/no-wasm.mjs).
 */
export const noWasmGlue = (code, instance) => `// Made by wasm2js from the core of the browser build.
class Trap extends Error {}
${instance}
let wasm;
const start = () => (wasm = asmFunc());
wasm = new Proxy({}, { get: (_, name) => (start(), wasm[name]) });
export const isTrap = (error) => error instanceof Trap;
${plainFunctions(code)}`;

/**
 * @param {string} code
 * @param {string} wasm Where the compiled module comes from.
 * @param {"browser" | "edge"} build
 */
export function glue(code, wasm, build) {
  if (build === "browser") return plainGlue(code, wasm);
  const changed = CHANGES.reduce((text, [part, instead]) => {
    const next = text.replace(part, instead);
    if (next === text) throw new Error(`wasm-bindgen's glue has changed: ${part}`);
    return next;
  }, code);
  const start =
    "const compiled = module(); __wbg_finalize_init(new WebAssembly.Instance(compiled, __wbg_get_imports()), compiled);";
  return `${imports(wasm)}${changed}${atFirstUse(start)}${IS_TRAP}${MEMORY}`;
}
