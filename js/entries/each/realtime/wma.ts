/** `fal-wasm/realtime/wma`: sessions with world models. */

export { RealtimeSessionError, wma } from "../../../session/wma.ts";
export type * from "../../../session/wma.ts";
