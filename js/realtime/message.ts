/** What goes over a realtime connection: MessagePack and JSON, or what the caller makes of it, and the app's own words. */

import type { RealtimeConnectionHandler } from "./types.ts";
import { decode, encode } from "./msgpack.ts";

/** What a websocket takes. */
export type Data = string | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** How a caller may write and read messages. */
type Codec = Pick<RealtimeConnectionHandler, "encodeMessage" | "decodeMessage">;

/** A message as it is sent. */
export function encodeMessage({ encodeMessage: own }: Codec, input: unknown): Data {
  const data: unknown = own ? own(input) : input instanceof Uint8Array ? input : encode(input);
  if (typeof data === "string" || data instanceof ArrayBuffer) return data;
  if (ArrayBuffer.isView(data)) return data as ArrayBufferView<ArrayBuffer>;
  throw new TypeError("`encodeMessage` has to return a string or bytes.");
}

export const sizeOf = (data: Data): number => (typeof data === "string" ? data.length : data.byteLength);

/** A message as it came. What the app says about the session itself is JSON, whatever a caller's own codec is. */
export async function decodeMessage(
  { decodeMessage: own }: Codec,
  data: string | Blob | ArrayBuffer,
): Promise<unknown> {
  const isText = typeof data === "string";
  if (isText && (!own || /"type":\s*"x-fal-/.test(data))) return JSON.parse(data);
  if (own) return own(data);
  // Text without a codec of the caller's was JSON.
  return decode(data instanceof Blob ? await data.arrayBuffer() : (data as ArrayBuffer));
}

/** What a message may say about itself. It comes from the app: nothing of it can be relied on. */
interface Message {
  type?: unknown;
  status?: unknown;
  error?: unknown;
}

/** What a message is: a result, an error, or something about the session. */
export function kindOf(message: Message | null | undefined): "result" | "error" | "unauthorized" | "end" | "note" {
  if (message?.type === "x-fal-message") return "note";
  if (message?.type === "x-fal-error") return message.error === "TIMEOUT" ? "end" : "error";
  if (message?.status !== "error") return "result";
  return message.error === "Unauthorized" ? "unauthorized" : "error";
}
