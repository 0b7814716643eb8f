/** HTTP over a WebSocket is for servers: it needs a key. */

import type { ClientContext } from "../../client/context.ts";
import type { WsClient } from "../../client/ws-types.ts";
import { FailureKind } from "../../core/wire.ts";
import { failure } from "./host.ts";

export const createWs = (_context: ClientContext): WsClient => ({
  connect(endpoint) {
    throw failure(FailureKind.ServerOnly, { endpoint: String(endpoint) });
  },
});
