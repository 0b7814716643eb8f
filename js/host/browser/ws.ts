/** HTTP over a WebSocket is for servers: there is no way to do it without a key. */

import { SERVER_ONLY } from "../../core/codes.ts";
import { failure } from "./host.ts";

/** @param {unknown} _context @returns {import("../../types/ws.d.ts").WsClient} */
export const createWs = (_context) => ({
  connect(endpoint) {
    throw failure(SERVER_ONLY, { endpoint: String(endpoint) });
  },
});
