/** `fal-wasm/proxy/node`. */

export * from "../../proxy/node.ts";
