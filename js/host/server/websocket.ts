/** A socket from the first try to the last word: what can happen to one, told once. */

import { dial } from "./dial.ts";
import type { WebSocketEvents } from "../websocket-events.ts";

/** Close code of a connection that was lost without a word. */
const LOST = 1006;
const OPEN = 1;
/** How the package "ws", Deno and others name the status of a refused handshake. */
const REFUSED = /(?:response|status)(?: code)?:? (\d{3})\b/i;

/** Opens a websocket. Returns how to shut it, whatever it is doing. */
export function openWebSocket(wanted: Omit<Parameters<typeof dial>[0], "signal">, events: WebSocketEvents): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let socket: WebSocket | undefined;
  const shut = () => {
    try {
      abort.abort();
      // workerd closes its own side only when told to, also when the other side has closed.
      socket?.close(1000);
    } catch {
      // It is closed already, or belongs to another request of a worker.
    }
  };
  const take = (dialled: WebSocket) => {
    socket = dialled;
    const opened = () => signal.aborted || events.opened(socket as WebSocket);
    socket.binaryType = "arraybuffer";
    // Of a refused handshake some runtimes say the status, in words; the close event that follows knows none.
    let status = 0;
    const on = <Type extends keyof WebSocketEventMap>(type: Type, hear: (event: WebSocketEventMap[Type]) => void) => {
      // A simple one knows only handlers, that of workerd only listeners.
      if (dialled.addEventListener) dialled.addEventListener(type, hear);
      else dialled[`on${type}`] = hear as never;
    };
    on("error", (event) => (status = Number(REFUSED.exec((event as Partial<ErrorEvent>).message ?? "")?.[1] ?? 0)));
    if (signal.aborted) return shut();
    on("open", opened);
    on("message", ({ data }) => signal.aborted || events.heard(data));
    on("close", ({ code = LOST, reason }) => {
      if (signal.aborted) return;
      shut();
      if (status) events.failed(Object.assign(new Error(), { status }));
      else events.closed(code, reason);
    });
    if (socket.readyState === OPEN) opened();
  };
  dial({ ...wanted, signal }, take).catch((error) => {
    if (signal.aborted) return;
    shut();
    events.failed(error);
  });
  return shut;
}
