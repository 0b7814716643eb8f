/** `fal-wasm/proxy`. */

export { grant } from "../../proxy/grant.ts";
export { createFalProxy } from "../../proxy/proxy.ts";
export { forgetKey, openKey, sealKey } from "../../proxy/seal-key.ts";
export type { ProxyRefusalCode } from "../../errors/codes.ts";
export type * from "../../proxy/types.ts";
