/** `fal-wasm/store`: calls, streams and realtime connections as state to watch, without a framework. */

export { createFalStore } from "../../store/call.ts";
export { type RealtimeInput, createFalRealtimeStore } from "../../store/realtime.ts";
export { createFalStreamStore } from "../../store/stream.ts";
export type * from "../../store/types.ts";
