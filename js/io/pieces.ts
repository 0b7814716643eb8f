/** Bytes as they flow, piece by piece, in as little memory as the runtime allows. */

/**
 * workerd's own pipe, in which a write is over when its bytes have been taken. The standard one, which workerd has beside
 * it at newer dates, queues what is written.
 */
const { IdentityTransformStream: Direct } = /** @type {any} */ globalThis;

/** Whether the length that a request declares is its body's: workerd's HTTP has seen to that before anybody is called. */
export const isMeasured = Direct !== undefined;

/** What is read at once where there is such a pipe. */
const PIECE_BYTES = 64 * 1024;

/** A pipe for bytes. @returns {{ readable: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array> }} */
export const newPipe = () => new (Direct ?? TransformStream)();

/**
 * A stream that is read piece by piece. A piece is good until the next one is asked for: before a pipe that queues nothing,
 * all of them are read into the same memory. In memory of their own they become garbage as fast as bytes come, and V8 lets
 * that grow far before it looks.
 *
 * @typedef {object} Pieces
 * @property {() => Promise<Uint8Array | undefined>} next Undefined at the end.
 * @property {() => void} leave Lets the stream go. What it says to that is of no interest.
 */

/** @param {ReadableStream<Uint8Array>} body @returns {Pieces} */
export function piecesOf(body) {
  const sharing = Direct && readerInto(body);
  const reader = sharing ?? body.getReader();
  let memory = new ArrayBuffer(sharing ? PIECE_BYTES : 0);
  return {
    async next() {
      const { done, value } = await (sharing ? sharing.read(new Uint8Array(memory)) : reader.read());
      if (done) return undefined;
      memory = value.buffer;
      return value;
    },
    leave: () => leave(reader),
  };
}

/** What reads into memory that is given to it; streams that an app makes are mostly of another kind. @param {ReadableStream<Uint8Array>} body */
function readerInto(body) {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

/** Lets a stream go. What it says to that is of no interest. @param {{ cancel(reason?: any): Promise<any> }} reader */
export const leave = (reader) => void reader.cancel().catch(() => {});
