/** `fal-wasm/proxy`. */

export { createFalProxy } from "../../proxy/proxy.ts";
