/** The core's instances, as a test wants them: to be imported before the package, which instantiates its core at once. */

/**
 * Has every instance that is made from here on changed on its way to the glue.
 *
 * @param {{
 *   imports?: (name: string, imported: Function) => Function,
 *   exports?: (name: string, exported: Function) => Function,
 * }} changes What stands in for each function that an instance imports or exports.
 */
export function changeInstances({ imports = (_, same) => same, exports = (_, same) => same }) {
  const { Instance } = WebAssembly;
  /** @param {Record<string, any>} values @param {(name: string, value: Function) => Function} change */
  const changed = (values, change) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === "function" ? change(name, value) : value]),
    );
  WebAssembly.Instance = /** @type {any} */ (
    class extends Instance {
      #exports;

      /** @param {WebAssembly.Module} module @param {Record<string, any>} given */
      constructor(module, given = {}) {
        const modules = Object.entries(given).map(([name, values]) => [name, changed(values, imports)]);
        super(module, Object.fromEntries(modules));
        this.#exports = changed(super.exports, exports);
      }

      get exports() {
        return this.#exports;
      }
    }
  );
}
