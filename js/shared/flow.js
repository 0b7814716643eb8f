/** Reading a body as it comes, no faster than its items are taken. */

/**
 * Whoever takes the items of a stream.
 *
 * @typedef {object} Taker
 * @property {(item: any) => void} push
 * @property {() => boolean} full Whether nothing more should come for now.
 * @property {() => Promise<void>} room Resolves when more may come, or when nothing is wanted any more.
 */

/**
 * @typedef {object} Course
 * @property {() => boolean} isOpen Whether the body is still wanted.
 * @property {(bytes: Uint8Array) => void} chunk Bytes have come.
 * @property {(paused: boolean) => void} paused Nothing is read, until it is said again.
 */

/**
 * Reads a body to its end; resolves there, and rejects where it breaks off.
 *
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {Taker | undefined} taker
 * @param {Course} course
 */
export async function pour(reader, taker, { isOpen, chunk, paused }) {
  for (;;) {
    if (taker?.full()) {
      paused(true);
      await taker.room();
      if (!isOpen()) return;
      paused(false);
    }
    const { done, value } = await reader.read();
    if (done || !isOpen()) return;
    chunk(value);
  }
}
