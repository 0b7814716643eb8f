/** Bodies: read when they are small, counted while they stream when they are not. */

import { BODY_INCOMPLETE, BODY_TOO_LARGE } from "./answers.js";
import { Refused } from "./refused.js";

/** Enough for pictures as data URIs. Files are uploaded, and do not come through here. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** What is read before it is sent: it then has a length, and can be sent again with another key. */
const SMALL_BYTES = 1024 * 1024;

/**
 * A body on its way to fal.
 *
 * @typedef {object} Body
 * @property {Uint8Array<ArrayBuffer>} [bytes] All of it, when it was small or had to be read.
 * @property {ReadableStream<Uint8Array>} [stream] Else its stream, which can be taken once.
 * @property {Promise<void>} sent Resolves when all of it has left, or no more of it will.
 * @property {() => number | undefined} fault The number of the refusal, when it was not fit to be sent to its end.
 */

/** @param {Uint8Array[]} chunks @param {number} size */
function joined(chunks, size) {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** A body that is here. @param {Uint8Array<ArrayBuffer>} bytes @returns {Body} */
export const wholeBody = (bytes) => ({ bytes, sent: Promise.resolve(), fault: () => undefined });

/**
 * Takes the body of a request. It is counted as it comes: what its headers say about its length may refuse it, and is
 * not relied upon.
 *
 * @param {Request} request @param {number} max
 * @param {boolean} whole Whether all of it is needed before it is sent.
 * @returns {Promise<Body>}
 */
export async function takeBody({ headers, body }, max, whole) {
  if (Number(headers.get("content-length")) > max) throw new Refused(BODY_TOO_LARGE);
  const reader = body?.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let size = 0;
  while (whole || size <= SMALL_BYTES) {
    const part = await reader?.read().catch(() => {
      throw new Refused(BODY_INCOMPLETE);
    });
    if (!reader || !part || part.done) return wholeBody(joined(chunks, size));
    chunks.push(part.value);
    size += part.value.byteLength;
    if (size > max) {
      leave(reader);
      throw new Refused(BODY_TOO_LARGE);
    }
  }
  return flowing(/** @type {ReadableStreamDefaultReader<Uint8Array>} */ (reader), chunks, size, max);
}

/** The rest of a body, after what was read of it. @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {Uint8Array[]} chunks @param {number} size @param {number} max @returns {Body} */
function flowing(reader, chunks, size, max) {
  /** @type {number | undefined} */
  let fault;
  const rest = relay(async () => {
    const first = chunks.shift();
    if (first) return first;
    const { done, value } = await reader.read().catch((error) => {
      fault = BODY_INCOMPLETE;
      throw error;
    });
    size += value?.byteLength ?? 0;
    if (size > max) {
      fault = BODY_TOO_LARGE;
      throw new Refused(fault);
    }
    return done ? undefined : value;
  }, reader);
  return { stream: rest.stream, sent: rest.ended.then(() => {}), fault: () => fault };
}

/** Lets a stream go. What it says to that is of no interest. @param {{ cancel(reason?: any): Promise<any> }} reader */
export const leave = (reader) => void reader.cancel().catch(() => {});

/**
 * A stream of what `next` gives, one piece at a time and as fast as it is taken; whoever leaves it leaves the source, too.
 * An identity transform and a loop, because the oldest dates of workerd have streams of no other kind.
 *
 * @param {() => Promise<Uint8Array | undefined>} next
 * @param {{ cancel(reason?: any): Promise<any> }} source
 * @returns {{ stream: ReadableStream<Uint8Array>, ended: Promise<boolean> }} `ended` resolves with whether it came to its end.
 */
function relay(next, source) {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  // Nobody takes any more: known at once, not with the next piece.
  writer.closed.catch(() => leave(source));
  const pump = async () => {
    try {
      for (let chunk = await next(); chunk; chunk = await next()) await writer.write(chunk);
      await writer.close();
      return true;
    } catch (error) {
      leave(source);
      writer.abort(error).catch(() => {});
      return false;
    }
  };
  return { stream: readable, ended: pump() };
}

/**
 * A body as it is, and what became of it: how many bytes, whether it came to its end, and its bytes when that are no more
 * than `keep`.
 *
 * @param {ReadableStream<Uint8Array>} body @param {number} keep
 */
export function metered(body, keep) {
  const reader = body.getReader();
  let bytes = 0;
  /** @type {Uint8Array[]} */
  const chunks = [];
  const { stream, ended } = relay(async () => {
    const { done, value } = await reader.read();
    bytes += value?.byteLength ?? 0;
    // A copy: a chunk that is passed on is no longer ours.
    if (value && bytes <= keep) chunks.push(value.slice());
    return done ? undefined : value;
  }, reader);
  const whole = () => (bytes <= keep ? joined(chunks, bytes) : undefined);
  return { stream, ended: ended.then((complete) => ({ bytes, complete, kept: complete ? whole() : undefined })) };
}

/** The bytes of an answer, when they are few; undefined when they are more. @param {Response} answer @param {number} max */
export async function fewBytes({ body }, max) {
  const reader = body?.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let size = 0;
  for (let part = await reader?.read(); reader && part && !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.byteLength;
    if (size > max) {
      leave(reader);
      return undefined;
    }
  }
  return joined(chunks, size);
}
