/** Opens realtime websockets, with a token in the address: a browser has no other way to say who asks. */

import type { Transport } from "../transport.ts";
import type { WebSocketEvents } from "../websocket-events.ts";

/** Which websocket to open. The token is in the query. */
interface WantedWebSocket {
  transport: Transport;
  app: string;
  endpoint: string;
  query: string;
}

/** Opens a websocket. Returns how to shut it, whatever it is doing. */
export function openWebSocket({ endpoint, query }: WantedWebSocket, events: WebSocketEvents): () => void {
  let socket: WebSocket;
  try {
    socket = new WebSocket(`wss://fal.run/${endpoint}${query}`);
  } catch (error) {
    // A page may not be allowed to. Not at once: whoever opens it expects to be able to shut it first.
    queueMicrotask(() => events.failed(error as Error));
    return () => {};
  }
  socket.binaryType = "arraybuffer";
  socket.onopen = () => events.opened(socket);
  socket.onmessage = ({ data }) => events.heard(data);
  socket.onclose = ({ code, reason }) => events.closed(code, reason);
  return () => {
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  };
}
