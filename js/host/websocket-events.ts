/** What happens to a websocket. Both hosts tell it. */

/** What hears of a websocket. After `closed` or `failed`, or after it was shut, nothing more comes. */
export interface WebSocketEvents {
  opened(socket: WebSocket): void;
  heard(data: string | ArrayBuffer | Blob): void;
  closed(code: number, reason?: string): void;
  /** It could not even be tried. `error` is whatever was thrown, perhaps with the answer to the handshake. */
  failed(error: Error & { status?: number; body?: unknown }): void;
}
