/** Opening sockets, with a token in the address: a browser has no other way to say who asks. */

import type { Transport } from "../transport.ts";

/** Opens a realtime websocket and hands it over. The token is in the query. */
export async function dial(
  { endpoint, query }: { transport: Transport; app: string; endpoint: string; query: string; signal: AbortSignal },
  take: (socket: WebSocket) => void,
): Promise<void> {
  take(new WebSocket(`wss://fal.run/${endpoint}${query}`));
}
