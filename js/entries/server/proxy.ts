/** `fal-wasm/proxy`. */

export { createFalProxy } from "../../proxy/proxy.ts";
export type { ProxyRefusalCode } from "../../errors/codes.ts";
export type * from "../../proxy/types.ts";
