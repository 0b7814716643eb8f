/** The body of a call on its way to fal: read when it is small, counted while it streams when it is not. */

import { bodyTimeLeft } from "#core";
import { type ChunkReader, readChunks } from "../io/chunks.ts";
import { isContentLengthChecked, pipe } from "../io/pipe.ts";
import { concat } from "../io/read-at-most.ts";
import { withTimeout } from "../io/timeout.ts";
import type { ProxyCall } from "./call.ts";
import { BODY_INCOMPLETE, BODY_TOO_LARGE, BODY_TOO_SLOW, Refusal } from "./refusals.ts";

/** Enough for pictures as data URIs. Files are uploaded, and do not come through here. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** What is read whole and judged: of it copies are made, and a worker has 128 MB for all of its calls. */
export const MAX_INPUT_BYTES = 1024 * 1024;

/** What is read before it is sent: it then has a length, and can be sent again with another key. */
const SMALL_BYTES = 1024 * 1024;

/** A body for fal. */
export interface RequestBody {
  /** All of it, when it was small or had to be read. */
  bytes?: Uint8Array<ArrayBuffer>;
  /** Else its stream, which can be read once. */
  stream?: ReadableStream<Uint8Array>;
  /** Resolves when all of the stream has been sent, or no more of it will be. Never rejects. */
  sent?: Promise<unknown>;
  /** The number of the refusal, when the body turned out to be unfit to be sent to its end. */
  fault(): number | undefined;
}

/** A body that is known. */
export const wholeBody = (bytes: Uint8Array<ArrayBuffer>): RequestBody => ({
  bytes,
  fault: () => undefined,
});

/**
 * Reads the body of a call, all of it when it is small or `whole` is wanted. It is counted as it arrives: its declared length
 * may refuse it, but is relied upon only where the runtime has checked it.
 */
export async function readBody(call: ProxyCall, max: number, whole: boolean): Promise<RequestBody> {
  const { headers } = call.head;
  const declared = Number(headers.get("content-length"));
  if (declared > max) throw new Refusal(BODY_TOO_LARGE);
  // In one go: each chunk takes a worker a turn, and most bodies are small.
  if (isContentLengthChecked && declared > 0 && declared <= SMALL_BYTES && !headers.has("transfer-encoding")) {
    return readAtOnce(call, declared, max);
  }
  const { body } = call.request;
  if (!body) return wholeBody(new Uint8Array());
  const source = inTime(readChunks(body));
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (whole || size <= SMALL_BYTES) {
    const chunk = await source.next();
    if (!chunk) return wholeBody(concat(chunks, size));
    // A copy: the next chunk may be read into the same memory.
    chunks.push(chunk.slice());
    size += chunk.byteLength;
    if (size > max) {
      source.cancel();
      throw new Refusal(BODY_TOO_LARGE);
    }
  }
  return streamed(source, chunks, size, max);
}

const tooSlow = (): never => {
  throw new Refusal(BODY_TOO_SLOW);
};

const incomplete = (error: unknown): never => {
  throw error instanceof Refusal ? error : new Refusal(BODY_INCOMPLETE);
};

/** A body that has to come in time: a few bytes now and then must not keep a call open. */
function inTime(source: ChunkReader): ChunkReader {
  let waited = 0;
  let received = 0;
  return {
    async next() {
      const began = performance.now();
      const chunk = await withTimeout(source.next(), bodyTimeLeft(waited, received), () => {
        source.cancel();
        return tooSlow();
      }).catch(incomplete);
      waited += performance.now() - began;
      received += chunk?.byteLength ?? 0;
      return chunk;
    },
    cancel: source.cancel,
  };
}

async function readAtOnce({ request, timer }: ProxyCall, declared: number, max: number): Promise<RequestBody> {
  const ms = bodyTimeLeft(0, declared);
  const bytes = await withTimeout(request.arrayBuffer(), ms, tooSlow, { timer }).catch(incomplete);
  // The headers may be those of an app that built the request itself.
  if (bytes.byteLength > max) throw new Refusal(BODY_TOO_LARGE);
  return wholeBody(new Uint8Array(bytes));
}

/** A body of which the first chunks were read. */
function streamed(source: ChunkReader, chunks: Uint8Array[], read: number, max: number): RequestBody {
  let fault: number | undefined;
  let size = read;
  const { stream, ended } = pipe(async () => {
    const first = chunks.shift();
    if (first) return first;
    const chunk = await source.next().catch((error: Refusal) => {
      fault = error.number;
      throw error;
    });
    size += chunk?.byteLength ?? 0;
    if (size > max) {
      fault = BODY_TOO_LARGE;
      throw new Refusal(fault);
    }
    return chunk;
  }, source);
  return { stream, sent: ended, fault: () => fault };
}
