/** WebSockets: frames are carried between a connection and the model, which alone decides what they mean. */

import type { Socket } from "#model";

import { type Effect, type Head, type WireAnswer, faultOf, wireAnswer } from "./exchange.ts";
import type { Host } from "./host.ts";

/** The connection is gone: never on the wire. */
const GONE = 1006;

/** The other end of a connection. */
export interface Line {
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
  /** Drops the connection without a word. */
  drop(): void;
}

/** Answers a handshake, when that is due: with a bridge, or with a refusal. Undefined: the connection is to be dropped. */
export async function open(host: Host, head: Head, signal: AbortSignal): Promise<Bridge | WireAnswer | undefined> {
  const answer = host.model.open(host.real(), JSON.stringify(head));
  if (!answer) return undefined;
  const socket = answer.socket();
  await host.reach(answer.at(), signal);
  const fault = faultOf(answer);
  if (!socket) return wireAnswer(host, answer, undefined, signal);
  answer.free();
  if (fault !== "DropAfter") return new Bridge(host, socket, fault);
  socket.disconnect(host.model, host.real(), GONE);
  return undefined;
}

/** One socket, between the model and a line. */
export class Bridge {
  readonly #host: Host;
  readonly #socket: Socket;
  /** A fault: after how many more frames of the model it is closed, and with which code. */
  #closeAfter: { after: number; code: number } | undefined;
  #wake = () => {};
  #over = false;

  constructor(host: Host, socket: Socket, fault: Effect | undefined) {
    this.#host = host;
    this.#socket = socket;
    this.#closeAfter = typeof fault === "object" && "Close" in fault ? { ...fault.Close } : undefined;
  }

  /** A frame has come in. */
  received(frame: string | Uint8Array): void {
    if (this.#over) return;
    const { model } = this.#host;
    if (typeof frame === "string") this.#socket.receive_text(model, this.#host.real(), frame);
    else this.#socket.receive_bytes(model, this.#host.real(), frame);
    this.#wake();
  }

  /** The other end has closed, or it is gone. */
  closed(code = GONE): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.disconnect(this.#host.model, this.#host.real(), code);
    this.#wake();
  }

  /** Sends what the model says, until one side closes. */
  async run(line: Line): Promise<void> {
    const host = this.#host;
    while (!this.#over) {
      if (this.#closeAfter?.after === 0) return this.#closeEarly(line, this.#closeAfter.code);
      const output = this.#socket.poll(host.model, host.real());
      for (let kind; (kind = output.kind()) !== undefined;) {
        const { code, text } = { code: output.code(), text: kind === "bytes" ? "" : output.text() };
        if (kind === "text") line.text(text);
        else if (kind === "bytes") line.bytes(output.bytes());
        else line.close(code, text);
        if (this.#closeAfter && --this.#closeAfter.after === 0) {
          return this.#closeEarly(line, this.#closeAfter.code);
        }
      }
      const next = output.next();
      output.free();
      if (this.#socket.is_closed()) break;
      const turn = new AbortController();
      this.#wake = () => turn.abort();
      await host.wait(next, turn.signal);
    }
    this.#over = true;
    this.#socket.free();
  }

  /** Closes as a fault asks: with this code, or without a close frame. */
  #closeEarly(line: Line, code: number): void {
    this.#over = true;
    this.#socket.disconnect(this.#host.model, this.#host.real(), code);
    this.#socket.free();
    if (code === GONE) line.drop();
    else line.close(code, "");
  }
}
