/** `fal-wasm/realtime`: all protocols of sessions. */

export { defineRealtimeExtension } from "../../../session/extension.ts";
export {
  DEFAULT_ICE_QUIET_PERIOD_MS,
  DEFAULT_ICE_TIMEOUT_MS,
  gatherIceCandidates,
  hasTurnServer,
  parseIceCandidateType,
} from "../../../session/ice.ts";
export type * from "../../../session/types.ts";
export { websocket } from "../../../session/websocket.ts";
export type * from "../../../session/websocket.ts";
export { RealtimeSessionError, wma } from "../../../session/wma.ts";
export type * from "../../../session/wma.ts";
