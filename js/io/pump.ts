/** Reads a body as it comes, no faster than its items are taken. */

/** Where the items of a stream go. */
export interface StreamSink<Item = unknown> {
  /** What it gives back, if anything, is what callers' own code is still doing. */
  push(item: Item): unknown;
  /** Whether nothing more should come for now. */
  full(): boolean;
  /** Resolves when more may come, or when nothing is wanted any more. */
  room(): Promise<void>;
}

/** What hears how the reading goes. */
export interface PumpObserver {
  /** Whether the body is still wanted. */
  isOpen(): boolean;
  /** Bytes have come. */
  chunk(bytes: Uint8Array): void;
  /** Reading has stopped (`true`) because the sink is full, or goes on (`false`). */
  paused(paused: boolean): void;
}

/**
 * The most bytes handed over at once. Firefox and WebKit read ahead for a slow reader and hand over everything,
 * hundreds of megabytes, as one chunk.
 */
const PIECE = 65_536;

/** Reads a body to its end. Resolves there, and rejects where the body breaks off. */
export async function pumpBody(
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read">,
  sink: StreamSink | undefined,
  { isOpen, chunk, paused }: PumpObserver,
): Promise<void> {
  let bytes: Uint8Array = new Uint8Array();
  for (;;) {
    if (sink?.full()) {
      paused(true);
      await sink.room();
      if (!isOpen()) return;
      paused(false);
    }
    if (bytes.length === 0) {
      const { done, value } = await reader.read();
      if (done || !isOpen()) return;
      bytes = value;
    }
    chunk(bytes.subarray(0, PIECE));
    if (!isOpen()) return;
    bytes = bytes.subarray(PIECE);
  }
}
