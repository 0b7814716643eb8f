/**
 * Counts what crosses between JavaScript and the core, by name: calls that the core makes (`imports`), and calls that are made
 * into it (`exports`). Import this before anything of the package: the core starts with it.
 */

/** @type {Record<string, number>} */
let imports = {};
/** @type {Record<string, number>} */
let exports = {};

/** @param {Record<string, any>} functions @param {(name: string) => void} count */
const counted = (functions, count) =>
  Object.fromEntries(
    Object.entries(functions).map(([name, value]) => [
      name,
      // What is no function, or a reference to one that JavaScript gave, stays what it is.
      typeof value !== "function" ? value : (/** @type {any[]} */ ...args) => (count(name), value(...args)),
    ]),
  );

const { Instance } = WebAssembly;

WebAssembly.Instance = /** @type {any} */ (
  function (/** @type {WebAssembly.Module} */ module, /** @type {any} */ given) {
    const wrapped = Object.fromEntries(
      Object.entries(given).map(([from, functions]) => [
        from,
        counted(functions, (name) => (imports[name] = (imports[name] ?? 0) + 1)),
      ]),
    );
    const instance = new Instance(module, wrapped);
    return { exports: counted(instance.exports, (name) => (exports[name] = (exports[name] ?? 0) + 1)) };
  }
);

/** What crosses while something is done. @param {() => unknown} work */
export async function crossings(work) {
  imports = {};
  exports = {};
  await work();
  const total = Object.values(imports).reduce((sum, count) => sum + count, 0);
  return { total, imports, exports };
}
