/** Bodies: read when they are small, counted while they stream when they are not. */

import { BODY_INCOMPLETE, BODY_TOO_LARGE } from "./refusals.ts";
import { isMeasured, leave, newPipe, piecesOf } from "../io/pieces.ts";
import { Refused } from "./refused.ts";

/** Enough for pictures as data URIs. Files are uploaded, and do not come through here. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** What is read before it is sent: it then has a length, and can be sent again with another key. */
const SMALL_BYTES = 1024 * 1024;

/** @typedef {import("../io/pieces.ts").Pieces} Pieces */

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

/** A small body, all of it. @param {Request} request @param {number} max @returns {Promise<Body>} */
async function allOf(request, max) {
  const bytes = await request.arrayBuffer().catch(() => {
    throw new Refused(BODY_INCOMPLETE);
  });
  // The headers may be those of an app that put the request together anew.
  if (bytes.byteLength > max) throw new Refused(BODY_TOO_LARGE);
  return wholeBody(new Uint8Array(bytes));
}

/**
 * Takes the body of a request. It is counted as it comes: what its headers say about its length may refuse it, and is
 * not relied upon, but where the runtime has checked it.
 *
 * @param {Request} request @param {number} max
 * @param {boolean} whole Whether all of it is needed before it is sent.
 * @returns {Promise<Body>}
 */
export async function takeBody(request, max, whole) {
  const { headers, body } = request;
  const declared = Number(headers.get("content-length"));
  if (declared > max) throw new Refused(BODY_TOO_LARGE);
  // In one go: each piece takes a worker a turn, and most bodies are small.
  if (isMeasured && declared > 0 && declared <= SMALL_BYTES && !headers.has("transfer-encoding")) {
    return allOf(request, max);
  }
  const pieces = body ? piecesOf(body) : undefined;
  /** @type {Uint8Array[]} */
  const chunks = [];
  let size = 0;
  while (whole || size <= SMALL_BYTES) {
    const piece = await pieces?.next().catch(() => {
      throw new Refused(BODY_INCOMPLETE);
    });
    if (!pieces || !piece) return wholeBody(joined(chunks, size));
    chunks.push(piece.slice());
    size += piece.byteLength;
    if (size > max) {
      pieces.leave();
      throw new Refused(BODY_TOO_LARGE);
    }
  }
  return flowing(/** @type {Pieces} */ (pieces), chunks, size, max);
}

/** The rest of a body, after what was read of it. @param {Pieces} pieces @param {Uint8Array[]} chunks @param {number} size @param {number} max @returns {Body} */
function flowing(pieces, chunks, size, max) {
  /** @type {number | undefined} */
  let fault;
  const rest = relay(async () => {
    const first = chunks.shift();
    if (first) return first;
    const piece = await pieces.next().catch((error) => {
      fault = BODY_INCOMPLETE;
      throw error;
    });
    size += piece?.byteLength ?? 0;
    if (size > max) {
      fault = BODY_TOO_LARGE;
      throw new Refused(fault);
    }
    return piece;
  }, pieces);
  return { stream: rest.stream, sent: rest.ended.then(() => {}), fault: () => fault };
}

/**
 * A stream of what `next` gives, one piece at a time and as fast as it is taken; whoever leaves it leaves the source, too.
 * A pipe and a loop, because the oldest dates of workerd have streams of no other kind.
 *
 * @param {() => Promise<Uint8Array | undefined>} next
 * @param {Pieces} source
 * @returns {{ stream: ReadableStream<Uint8Array>, ended: Promise<boolean> }} `ended` resolves with whether it came to its end.
 */
function relay(next, source) {
  const { readable, writable } = newPipe();
  const writer = writable.getWriter();
  // Nobody takes any more: known at once, not with the next piece.
  writer.closed.catch(() => source.leave());
  const pump = async () => {
    try {
      for (let chunk = await next(); chunk; chunk = await next()) await writer.write(chunk);
      await writer.close();
      return true;
    } catch (error) {
      source.leave();
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
  const pieces = piecesOf(body);
  let bytes = 0;
  /** @type {Uint8Array[]} */
  const chunks = [];
  const { stream, ended } = relay(async () => {
    const piece = await pieces.next();
    bytes += piece?.byteLength ?? 0;
    // A copy: a piece that is passed on is no longer ours.
    if (piece && bytes <= keep) chunks.push(piece.slice());
    return piece;
  }, pieces);
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
