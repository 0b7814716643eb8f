/**
 * wasm-bindgen's glue, as the package has it: started at once, and without what none of its places needs.
 *
 * It starts in the module that exports it, so that a bundler which drops unused modules cannot drop the start.
 */

/** What goes, and what stands in its place. Each has to be there: the glue of another version may have changed. @type {[RegExp, string][]} */
const CHANGES = [
  [/^\/\* @ts-self-types.*\n/, ""],
  // Ours is started with a compiled module. It may be of another realm, and would not look like one.
  [/\nasync function __wbg_load[\s\S]*?(?=\nfunction initSync)/, ""],
  [/\nlet __wbg_init_promise;[\s\S]*?(?=\nexport \{ initSync)/, ""],
  [/\nfunction initSync\(module\) \{[\s\S]*?\n\}/, ""],
  [
    /\nexport \{ initSync.*\n?$/,
    "\n__wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);\n",
  ],
  [/\nif \(!\('encodeInto' in cachedTextEncoder\)\) \{[\s\S]*?\n\}\n/, "\n"],
  // It is always given, and gives what it is asked for.
  [/\n    if \(realloc === undefined\) \{[\s\S]*?\n    \}\n/, "\n"],
  // A browser gets a few hundred bytes of text, and Safari is no place of the edge build.
  [
    /const MAX_SAFARI_DECODE_BYTES[\s\S]*?\n    return cachedTextDecoder/,
    "function decodeText(bytes) {\n    return cachedTextDecoder",
  ],
  [/\ncachedTextDecoder\.decode\(\);/, ""],
  // Nobody outside of the package holds one.
  [/\nif \(Symbol\.dispose\).*\n/g, "\n"],
];

/** Every browser with WebAssembly's references has these; workerd has not, at dates before 2025-05-05. @type {[RegExp, string]} */
const FINALIZATION = [
  /\(typeof FinalizationRegistry === 'undefined'\)\s+\? \{[^\n]*\}\s+: (?=new FinalizationRegistry)/g,
  "",
];

/** @param {string} code @param {string} wasm Where the compiled module comes from. @param {boolean} forBrowsers */
export function glue(code, wasm, forBrowsers) {
  const changed = [...CHANGES, ...(forBrowsers ? [FINALIZATION] : [])].reduce((text, [part, instead]) => {
    const next = text.replace(part, instead);
    if (next === text) throw new Error(`wasm-bindgen's glue has changed: ${part}`);
    return next;
  }, code);
  return `import module from "${wasm}";\n${changed}`;
}
