/** Reads a body as it comes, no faster than its items are taken. */

import { EventKind } from "../core/wire.ts";

/** Where the items of a stream go. */
export interface StreamSink<Item = unknown> {
  /** Takes items that came at once. What it gives back, if anything, is what callers' own code is still doing. */
  push(items: Item[]): unknown;
  /** Where nothing more should come for now: resolves when more may come, or when nothing is wanted any more. */
  full(): Promise<void> | false;
}

/**
 * The most bytes handed over at once. Firefox and WebKit read ahead for a slow reader and hand over everything,
 * hundreds of megabytes, as one chunk.
 */
const PIECE = 65_536;

/**
 * Reads a body to its end, or for as long as it is open. Resolves there, and rejects where the body breaks off. `hear` is told of
 * bytes that have come, and when reading stops because the sink is full, and when it goes on.
 */
export async function pumpBody(
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read">,
  sink: StreamSink | undefined,
  isOpen: () => boolean,
  hear: (event: EventKind, bytes?: Uint8Array) => void,
): Promise<void> {
  let bytes: Uint8Array = new Uint8Array();
  let from = 0;
  while (isOpen()) {
    const full = sink?.full();
    if (full) {
      hear(EventKind.Paused);
      await full;
      hear(EventKind.Resumed);
    } else if (from < bytes.length) {
      // To make a view of a short one takes as long as to read an event.
      hear(EventKind.Chunk, bytes.length > PIECE ? bytes.subarray(from, from + PIECE) : bytes);
      from += PIECE;
    } else {
      const { done, value } = await reader.read();
      if (done) return;
      bytes = value;
      from = 0;
    }
  }
}
