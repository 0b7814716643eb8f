/** What is used of the package `ws`. */
declare module "ws" {
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  export class WebSocket {
    binaryType: "nodebuffer" | "arraybuffer" | "fragments";
    on(event: "message", listener: (data: unknown, isBinary: boolean) => void): this;
    on(event: "close", listener: (code: number) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    send(data: string | Uint8Array): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
  }

  export class WebSocketServer {
    constructor(options: { noServer: true; perMessageDeflate: boolean });
    readonly clients: Set<WebSocket>;
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (connection: WebSocket) => void): void;
  }
}
