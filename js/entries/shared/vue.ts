/** `fal-wasm/vue`. */

export * from "../../store/vue.ts";
export type * from "../../store/types.ts";
