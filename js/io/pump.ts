/** Reading a body as it comes, no faster than its items are taken. */

/**
 * Whoever takes the items of a stream.
 *
 * @typedef {object} StreamSink
 * @property {(item: any) => void} push
 * @property {() => boolean} full Whether nothing more should come for now.
 * @property {() => Promise<void>} room Resolves when more may come, or when nothing is wanted any more.
 */

/**
 * @typedef {object} PumpObserver
 * @property {() => boolean} isOpen Whether the body is still wanted.
 * @property {(bytes: Uint8Array) => void} chunk Bytes have come.
 * @property {(paused: boolean) => void} paused Nothing is read, until it is said again.
 */

/**
 * As much is looked at at once. Firefox and WebKit read on for a loop that is slow, and hand over all of it, hundreds of
 * megabytes, as one chunk.
 */
const PIECE = 65_536;

/**
 * Reads a body to its end; resolves there, and rejects where it breaks off.
 *
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {StreamSink | undefined} taker
 * @param {PumpObserver} course
 */
export async function pumpBody(reader, taker, { isOpen, chunk, paused }) {
  /** @type {Uint8Array} */
  let bytes = new Uint8Array();
  for (;;) {
    if (taker?.full()) {
      paused(true);
      await taker.room();
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
