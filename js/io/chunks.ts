/** Reading bytes as they flow, chunk by chunk, in as little memory as the runtime allows. */

/** A pair of streams: what is written to one is read from the other. */
export interface StreamPair {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
}

/**
 * workerd's own pipe, in which a write ends when its bytes have been taken. The standard one, which workerd has as well at
 * newer compatibility dates, queues what is written.
 */
export const identityPipe = (globalThis as { IdentityTransformStream?: new () => StreamPair }).IdentityTransformStream;

/** What is read at once where chunks share memory. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A body that is read chunk by chunk. A chunk is valid until the next one is asked for: in front of a pipe that queues
 * nothing, all chunks are read into the same memory. In memory of their own they become garbage as fast as bytes arrive,
 * and V8 lets that grow for long before it collects it.
 */
export interface ChunkReader {
  /** The next chunk; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  /** Cancels the body. */
  cancel(): void;
}

export function readChunks(body: ReadableStream<Uint8Array>): ChunkReader {
  const shared = identityPipe && byobReader(body);
  if (!shared) {
    const reader = body.getReader();
    return { next: async () => (await reader.read()).value, cancel: () => cancelQuietly(reader) };
  }
  let memory = new ArrayBuffer(CHUNK_BYTES);
  return {
    async next() {
      const { done, value } = await shared.read(new Uint8Array(memory));
      if (done) return undefined;
      memory = value.buffer;
      return value;
    },
    cancel: () => cancelQuietly(shared),
  };
}

/** A reader that reads into memory given to it. Streams that an app makes mostly have none. */
function byobReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

/** Cancels a stream. Nobody is interested in an error that it reports then. */
export const cancelQuietly = (stream: { cancel(reason?: unknown): Promise<unknown> }): void =>
  void stream.cancel().catch(() => {});
