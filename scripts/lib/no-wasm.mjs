/**
 * The core of the browser build as JavaScript, for where there is no WebAssembly (React Native's Hermes) or where a content
 * security policy forbids it. Made by binaryen's wasm2js from the same module, so that it decides the same.
 */

import { readFileSync, writeFileSync } from "node:fs";

import { binaryen } from "./binaryen.mjs";

/** What rustc uses of what asm.js did not have. */
const FEATURES = ["bulk-memory", "reference-types", "nontrapping-float-to-int", "sign-ext", "mutable-globals"].map(
  (feature) => `--enable-${feature}`,
);
const LOWERED = ["--llvm-memory-copy-fill-lowering", "--signext-lowering"];

/** What only the glue of wasm-bindgen uses: a table of references, which JavaScript has no need of. */
const GLUE = /^ (\(import |\(table .* externref\)|\(export "__).*\n/gm;

/**
 * Rust's `as` from a float to a number: what is too large becomes the largest, what is too small the smallest, and what is no
 * number 0. binaryen's own lowering of it is LLVM's, for which all of that is undefined.
 *
 * @param {32 | 64} bits @param {"s" | "u"} sign
 */
function saturating(bits, sign) {
  const power = 2n ** BigInt(sign === "s" ? bits - 1 : bits);
  const least = sign === "s" ? -power : 0n;
  return `
 (func $trunc_sat_${bits}_${sign} (param $x f64) (result i${bits})
  (if (result i${bits}) (f64.ge (local.get $x) (f64.const ${power}))
   (then (i${bits}.const ${sign === "s" ? power - 1n : -1}))
   (else
    (if (result i${bits}) (f64.ge (local.get $x) (f64.const ${least}))
     (then (i${bits}.trunc_f64_${sign} (local.get $x)))
     (else (select (i${bits}.const ${least}) (i${bits}.const 0) (f64.eq (local.get $x) (local.get $x))))))))
`;
}

/** A module as text, without what JavaScript cannot have. @param {string} text */
function plain(text) {
  const all = [32, 64].flatMap((bits) =>
    ["s", "u"].map((sign) => saturating(/** @type {32 | 64} */ (bits), /** @type {"s" | "u"} */ (sign))),
  );
  const changed = text
    .replace(GLUE, "")
    .replace(/\(i(32|64)\.trunc_sat_f64_(s|u)/g, "(call $trunc_sat_$1_$2")
    .replace(/\)\s*$/, `${all.join("")})\n`);
  const [other] = /i(32|64)\.trunc_sat\w+/.exec(changed) ?? [];
  if (other) throw new Error(`The core has ${other} in it, which is to be lowered to what Rust means by it.`);
  return changed;
}

/** Writes the function that makes an instance. @param {string} wasm The module. @param {string} out A folder. */
export async function compileToJs(wasm, out) {
  await binaryen("wasm-dis", wasm, "-o", `${out}/core.wat`, ...FEATURES);
  writeFileSync(`${out}/plain.wat`, plain(readFileSync(`${out}/core.wat`, "utf8")));
  await binaryen("wasm-as", `${out}/plain.wat`, "-o", `${out}/plain.wasm`, ...FEATURES);
  await binaryen("wasm-opt", `${out}/plain.wasm`, "-o", `${out}/lowered.wasm`, ...FEATURES, ...LOWERED, "-Oz");
  await binaryen("wasm2js", `${out}/lowered.wasm`, "-Oz", "-o", `${out}/instance.js`);
}

/** That function by itself: `asmFunc`, in which a trap is a `Trap`. @param {string} out The folder. */
export function instanceSource(out) {
  const code = readFileSync(`${out}/instance.js`, "utf8");
  const [, made] = /^(?:import .*\n|\s*\n)*([^]*?)\nvar retasmFunc = /m.exec(code) ?? [];
  const trap = "throw new Error('abort');";
  if (!made?.includes("\nfunction asmFunc(") || !made.includes(trap) || /^import /m.test(made))
    throw new Error("wasm2js writes something else than it did.");
  return made.replace(trap, "throw new Trap();");
}
