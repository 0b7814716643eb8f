/** `fal-wasm/ai-sdk`. */

export { createFal } from "../../ai-sdk/provider.ts";
export { FalMediaError } from "../../ai-sdk/media-error.ts";
export type * from "../../ai-sdk/types.ts";
