/**
 * The same modules for `require` where that takes no ES modules: Jest, and what was written before 2024. One file for each, so
 * that all entries of a program share what they share in the ES modules.
 *
 * Node itself and bundlers never get them: package.json offers them the ES modules first, by `module-sync` and `module`, so
 * that a program that has both `import` and `require` in it has one client, one set of error classes, and one core.
 */

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";

import { files } from "./stamp.mjs";
import { CODING, codingSource, withCoding } from "./text-coding.mjs";

/** @param {string} dist Where the ES modules are. @param {string[]} builds */
export async function commonjs(dist, builds) {
  const { transform } = await import("esbuild");
  const write = async (/** @type {string} */ target, /** @type {string} */ source) => {
    const { code } = await transform(source, {
      loader: "ts",
      format: "cjs",
      platform: "node",
      target: "es2022",
      // In Jest `import()` takes flags of Node.
      supported: { "dynamic-import": false },
    });
    mkdirSync(dirname(`${dist}/cjs/${target}`), { recursive: true });
    writeFileSync(`${dist}/cjs/${target}`, code);
  };
  for (const build of builds) {
    const modules = files(`${dist}/${build}`).filter((file) => file.endsWith(".js") && !file.endsWith(".module.js"));
    for (const file of modules) {
      const name = relative(`${dist}/${build}`, file).replaceAll("\\", "/");
      // No place that has to have this compiles modules by itself, so it is given the bytes.
      const bytes = `${"../".repeat(name.split("/").length - 1) || "./"}wasm.js`;
      const source = readFileSync(file, "utf8").replace('from "#wasm"', `from "${bytes}"`);
      await write(`${build}/${name}`, source.includes(CODING) ? source : withCoding(name, source));
    }
    await write(`${build}/${CODING}`, codingSource());
  }
  cpSync(`${dist}/types`, `${dist}/cjs/types`, { recursive: true });
  writeFileSync(`${dist}/cjs/types/endpoints.js`, "");
  // The nearest one says what `.js` and `.d.ts` are.
  writeFileSync(`${dist}/cjs/package.json`, '{ "type": "commonjs" }\n');
}
