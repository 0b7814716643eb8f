/** A `WebSocket` that connects to a model in this process. */

import { collect, headOf } from "./exchange.ts";
import type { Host } from "./host.ts";
import { Bridge, type Line, open } from "./socket.ts";

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const;
const LOST = 1006;

type Event = { type: string; target: unknown } & Record<string, unknown>;
type Listener = ((event: any) => unknown) | { handleEvent(event: any): unknown };

/** The class, for one emulator. */
export function socketClass(host: Host): new (url: string, options?: any) => WebSocket {
  class EmulatorSocket {
    static readonly CONNECTING = CONNECTING;
    static readonly OPEN = OPEN;
    static readonly CLOSING = CLOSING;
    static readonly CLOSED = CLOSED;
    readonly CONNECTING = CONNECTING;
    readonly OPEN = OPEN;
    readonly CLOSING = CLOSING;
    readonly CLOSED = CLOSED;
    readonly url: string;
    readonly protocol = "";
    readonly extensions = "";
    readonly bufferedAmount = 0;
    readyState: number = CONNECTING;
    binaryType: BinaryType = "blob";
    onopen: Listener | null = null;
    onmessage: Listener | null = null;
    onerror: Listener | null = null;
    onclose: Listener | null = null;
    readonly #listeners = new Map<string, Set<Listener>>();
    readonly #gone = new AbortController();
    #bridge: Bridge | undefined;

    constructor(url: string, options?: { headers?: Record<string, string> } | string | string[]) {
      this.url = String(url);
      const given = typeof options === "object" && !Array.isArray(options) ? (options.headers ?? {}) : {};
      // Like the real one it begins when who made it has had time to listen.
      void Promise.resolve().then(() => this.#connect(given));
    }

    addEventListener(type: string, listener: Listener): void {
      this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
    }

    removeEventListener(type: string, listener: Listener): void {
      this.#listeners.get(type)?.delete(listener);
    }

    send(data: string | ArrayBuffer | ArrayBufferView): void {
      if (this.readyState === CONNECTING) throw new Error("The socket is not open yet.");
      if (this.readyState !== OPEN) return;
      this.#bridge?.received(typeof data === "string" ? data : bytesOf(data));
    }

    close(code = 1005, reason = ""): void {
      if (this.readyState >= CLOSING) return;
      const wasOpen = this.readyState === OPEN;
      this.readyState = CLOSING;
      this.#gone.abort();
      this.#bridge?.closed(code);
      void Promise.resolve().then(() => this.#end(wasOpen ? code : LOST, reason));
    }

    async #connect(given: Record<string, string>): Promise<void> {
      const url = new URL(this.url);
      const headers = Object.entries({ host: url.host, connection: "Upgrade", upgrade: "websocket", ...given });
      const opened = await open(host, headOf("GET", url, headers), this.#gone.signal);
      if (this.readyState !== CONNECTING) return opened instanceof Bridge ? opened.closed() : undefined;
      if (!(opened instanceof Bridge)) {
        const status = opened ? `Unexpected server response: ${opened.status}` : "The connection was dropped.";
        if (opened && !(opened.body instanceof Uint8Array)) void collect(opened.body);
        this.#tell("error", { message: status });
        return this.#end(LOST, "");
      }
      this.#bridge = opened;
      this.readyState = OPEN;
      this.#tell("open", {});
      await opened.run(this.#line());
    }

    #line(): Line {
      const heard = (data: unknown) => this.readyState === OPEN && this.#tell("message", { data });
      return {
        text: (text) => void heard(text),
        bytes: (bytes) => void heard(this.binaryType === "blob" ? new Blob([bytes.slice()]) : bytes.slice().buffer),
        close: (code, reason) => this.#end(code, reason),
        drop: () => this.#end(LOST, ""),
      };
    }

    #end(code: number, reason: string): void {
      if (this.readyState === CLOSED) return;
      this.readyState = CLOSED;
      this.#tell("close", { code, reason, wasClean: code !== LOST });
    }

    #tell(type: "open" | "message" | "error" | "close", more: Record<string, unknown>): void {
      const event: Event = { type, target: this, ...more };
      for (const listener of [this[`on${type}`], ...(this.#listeners.get(type) ?? [])]) {
        if (typeof listener === "function") listener.call(this, event);
        else listener?.handleEvent(event);
      }
    }
  }
  return EmulatorSocket as unknown as new (url: string, options?: any) => WebSocket;
}

/** The bytes of what is sent, whatever realm it comes from. */
const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength).slice()
    : new Uint8Array(data).slice();
