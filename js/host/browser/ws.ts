/** HTTP over a WebSocket is for servers: there is no way to do it without a key. */

import { FailureKind } from "../../core/wire.ts";
import { failure } from "./host.ts";

/** @param {unknown} _context @returns {import("../../types/ws.d.ts").WsClient} */
export const createWs = (_context) => ({
  connect(endpoint) {
    throw failure(FailureKind.ServerOnly, { endpoint: String(endpoint) });
  },
});
