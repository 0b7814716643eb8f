/** `fal-wasm/observe`: hooks around a client's requests, and lines to debug by. */

export { observe } from "../../observe/observe.ts";
export type * from "../../observe/types.ts";
