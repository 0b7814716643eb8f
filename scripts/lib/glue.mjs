/**
 * wasm-bindgen's glue, as the package contains it: started at once, and without what none of its runtimes needs.
 *
 * It starts in the module that exports it, so that a bundler which drops unused modules cannot drop the start.
 */

/** What is removed, and what replaces it. Each pattern must match: the glue of another version may differ. @type {[RegExp, string][]} */
const CHANGES = [
  [/^\/\* @ts-self-types.*\n/, ""],
  // The package starts it with a compiled module, which may come from another realm and fail an `instanceof`.
  [/\nasync function __wbg_load[\s\S]*?(?=\nfunction initSync)/, ""],
  [/\nlet __wbg_init_promise;[\s\S]*?(?=\nexport \{ initSync)/, ""],
  [/\nfunction initSync\(module\) \{[\s\S]*?\n\}/, ""],
  [
    /\nexport \{ initSync.*\n?$/,
    "\n__wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);\n",
  ],
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

/** The memory, which the JavaScript layer reads and writes. */
const MEMORY = "export const memory = () => wasm.memory.buffer;\n";

/**
 * The browser's: every function takes and gives numbers, so there is nothing between JavaScript and the module.
 *
 * @param {string} code @param {string} wasm
 */
function plainGlue(code, wasm) {
  const functions = [...code.matchAll(/\nexport function (\w+)\(([^)]*)\) \{\n([\s\S]*?)\n\}/g)].filter(
    ([, name]) => name !== "__wbg_reset_state",
  );
  const imports = [...code.matchAll(/^ {8}(\w+): function/gm)].map(([, name]) => name);
  if (functions.length === 0 || imports.some((name) => name !== "__wbindgen_init_externref_table")) {
    throw new Error(`The browser build has more than numbers in its glue: ${imports.join(", ")}`);
  }
  const lines = functions.map(([, name, parameters, body]) => {
    const result = /return (.*);/.exec(body)?.[1].replace(/\bret\b/, `wasm.${name}(${parameters})`);
    return `export const ${name} = (${parameters}) => ${result ?? `wasm.${name}(${parameters})`};\n`;
  });
  return `import module from "${wasm}";
let wasm;
export function __wbg_reset_state() {
  wasm = new WebAssembly.Instance(module, { "./core_bg.js": { __wbindgen_init_externref_table() {} } }).exports;
}
__wbg_reset_state();
${MEMORY}${lines.join("")}`;
}

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
  return `import module from "${wasm}";\n${changed}${MEMORY}`;
}
