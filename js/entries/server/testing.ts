/** `fal-wasm/testing`. */

export { createTestFal } from "../../testing/testing.ts";
export type * from "../../testing/types.ts";
