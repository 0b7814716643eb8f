/** `fal-wasm/realtime/websocket`: realtime connections as sessions. */

export { websocket } from "../../../session/websocket.ts";
export type * from "../../../session/websocket.ts";
