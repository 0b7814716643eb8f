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

/** What browsers with WebAssembly's references have. workerd before 2025-05-05 has it not. @type {[RegExp, string][]} */
const IN_BROWSERS = [
  [/\(typeof FinalizationRegistry === 'undefined'\)\s+\? \{[^\n]*\}\s+: (?=new FinalizationRegistry)/g, ""],
];

/**
 * @param {string} code
 * @param {string} wasm Where the compiled module comes from.
 * @param {"browser" | "edge"} build
 */
export function glue(code, wasm, build) {
  const changes = build === "browser" ? [...CHANGES, ...IN_BROWSERS] : CHANGES;
  const changed = changes.reduce((text, [part, instead]) => {
    const next = text.replace(part, instead);
    if (next === text) throw new Error(`wasm-bindgen's glue has changed: ${part}`);
    return next;
  }, code);
  return `import module from "${wasm}";\n${changed}`;
}
