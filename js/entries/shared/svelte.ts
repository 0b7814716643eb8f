/** `fal-wasm/svelte`. */

export * from "../../store/svelte.ts";
export type * from "../../store/types.ts";
