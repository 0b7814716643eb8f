/** The parts of a file that comes as a stream. */

import type { FileBytes } from "./bytes.ts";
import { NO_BYTES, TOO_LONG, TOO_SHORT, broken, bytesOf, unreadable } from "./bytes.ts";

/** Reads the parts of a file. */
export interface Parts {
  /** The bytes from `start` to `end`; the same ones however often they are asked for. */
  read(part: number, start: number, end: number): Promise<FileBytes>;
  /** A part is not asked for again. */
  forget?(part: number): void;
  /** Nothing more will be asked for. */
  close?(): void;
}

/**
 * Reads a stream piece by piece, as it is asked for. What was read is kept until it is forgotten, so that it can be
 * sent again: a few parts at a time, and the stream waits meanwhile.
 */
export function streamParts(stream: ReadableStream<unknown>, size: number): Parts {
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  const kept = new Map<number, Promise<Blob>>();
  /** The piece that is being read: the next one begins where it ends. */
  let turn: Promise<unknown> = Promise.resolve();
  let position = 0;
  let rest = new Uint8Array(0);

  /** Has at least one byte in `rest`, unless the stream has ended. */
  const pull = async (from: ReadableStreamDefaultReader<unknown>): Promise<boolean> => {
    while (rest.length === 0) {
      const { done, value } = await from.read().catch(broken);
      if (done) return false;
      rest = bytesOf(value) ?? unreadable(NO_BYTES);
    }
    return true;
  };

  const advance = async (end: number): Promise<Blob> => {
    const from = (reader ??= stream.getReader());
    const pieces: Blob[] = [];
    while (position < end) {
      if (!(await pull(from))) unreadable(TOO_SHORT);
      const piece = rest.subarray(0, end - position);
      rest = rest.subarray(piece.length);
      position += piece.length;
      pieces.push(new Blob([piece]));
    }
    if (end === size && (await pull(from))) unreadable(TOO_LONG);
    // A browser keeps a Blob outside of the page's memory, and `fetch` reads it without a copy.
    return new Blob(pieces);
  };

  return {
    read(part, _start, end) {
      const piece = kept.get(part) ?? turn.then(() => advance(end));
      kept.set(part, piece);
      turn = piece;
      return piece;
    },
    forget: (part) => void kept.delete(part),
    /** A stream that nothing was read of is left as it was: it can be uploaded once more. */
    close: () => void reader?.cancel().catch(() => {}),
  };
}
