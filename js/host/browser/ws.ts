/** HTTP over a WebSocket is for servers: it needs a key. */

import type { ClientContext } from "../../client/context.ts";
import type { WsClient } from "../../client/ws-types.ts";
import { SERVER_ONLY } from "../../core/codes.ts";
import { failure } from "./host.ts";

export const createWs = (_context: ClientContext): WsClient => ({
  connect(endpoint) {
    throw failure(SERVER_ONLY, { endpoint: String(endpoint) });
  },
});
