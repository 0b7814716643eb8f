/** Imported before the client: the memories of every instance of the core that is made after it. */

/** @type {WebAssembly.Memory[]} */
export const memories = [];

const { Instance } = WebAssembly;
WebAssembly.Instance = /** @type {any} */ (
  class extends Instance {
    /** @param {[WebAssembly.Module, WebAssembly.Imports]} args */
    constructor(...args) {
      super(...args);
      memories.push(/** @type {any} */ (this.exports.memory));
    }
  }
);
