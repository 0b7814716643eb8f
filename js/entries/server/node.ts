/** `fal-wasm/proxy/node`. */

export { toNodeHandler } from "../../proxy/node.ts";
export type * from "../../proxy/node-types.ts";
