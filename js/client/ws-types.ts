/** HTTP over a WebSocket. Servers only. */

/** The answer to a request, as it comes. Leaving the loop before its end stops the model. */
export interface WsStream<Frame = any> extends AsyncIterable<Frame> {
  requestId: string;
  status: number;
  headers: Record<string, string>;
}

/** The whole answer to a request. */
export interface WsAnswer<Output = any> {
  /** JSON; an `ArrayBuffer` for bytes; a list where the model sent several values. */
  data: Output;
  requestId: string;
  status: number;
  headers: Record<string, string>;
}

/** Requests to one endpoint over one socket. It is opened by the first of them, and again when it was lost. */
export interface WsConnection {
  /** Sends an input after those before it, and resolves to its answer. Never sent twice. */
  request<Output = any>(input?: any, options?: { abortSignal?: AbortSignal }): Promise<WsAnswer<Output>>;
  /** The same, resolved when the answer begins. Its frames are JSON values, texts, or bytes (`Uint8Array`). */
  stream<Frame = any>(input?: any, options?: { abortSignal?: AbortSignal }): Promise<WsStream<Frame>>;
  /** Ends what is under way and what waits, with an `AbortError`. A later request opens another socket. */
  close(): void;
}

/** HTTP over a WebSocket. */
export interface WsClient {
  /** Saves the handshake of every request but the first. Throws in a browser, which has no key to open it with. */
  connect(endpointId: string): WsConnection;
}
