/** `fal-wasm/proxy`. */

export { createFalProxy } from "../../proxy/proxy.ts";
export type * from "../../proxy/types.ts";
