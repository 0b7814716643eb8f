/** `fal-wasm/realtime/extension`: for packages that bring a protocol of sessions. */

export { defineRealtimeExtension } from "../../../session/extension.ts";
export type * from "../../../session/types.ts";
