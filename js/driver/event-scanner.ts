/** Server-sent events: the core says where in the bytes they are, and here they are put together. */

import * as core from "#core";
import { CoreState, numbers, writeBytes } from "../core/memory.ts";
import { SsePartKind } from "../core/wire.ts";

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const LINE_FEED = Uint8Array.of(10);
const PART_WORDS = 3;

/** Takes an event: its kind, and its data. */
export type EventSink = (kind: string, data: string) => void;

/** Bytes that come in pieces, as a text. */
function textOf(pieces: Uint8Array[]): string {
  if (pieces.length === 1) return UTF8.decode(pieces[0]);
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const piece of pieces) {
    bytes.set(piece, place);
    place += piece.length;
  }
  return UTF8.decode(bytes);
}

/** What fal's older streams end with, as those of other services do. */
export const DONE = "[DONE]";

/**
 * Finds the events in a stream. Returns a function that takes the next bytes, and nothing at the end; false when an event is
 * too large, or when the end is inside of one.
 */
export function eventScanner(sink: EventSink): (bytes?: Uint8Array) => boolean {
  const state = new CoreState(core.openEvents);
  let data: Uint8Array[] = [];
  let kind: Uint8Array[] = [];
  /** What the core found, read before anything else may ask it something. */
  const scan = (bytes: Uint8Array) => {
    state.enter();
    const count = core.scanEvents(writeBytes(bytes));
    return Array.from(numbers().subarray(0, 1 + count * PART_WORDS));
  };
  return (bytes) => {
    if (!bytes) {
      // One more line end is an event's only where a line begins.
      const [, part] = scan(Uint8Array.of(13));
      return textOf(data).trim() === DONE || (part === SsePartKind.Dispatch && !data.length && !kind.length);
    }
    for (let rest = bytes; rest.length > 0;) {
      const [scanned = 0, ...parts] = scan(rest);
      for (let place = 0; place < parts.length; place += PART_WORDS) {
        const [part, start, end] = parts.slice(place, place + PART_WORDS);
        // A copy: the bytes of a piece are the network's, and an event may be longer.
        if (part === SsePartKind.Data) data.push(rest.slice(start, end));
        else if (part === SsePartKind.DataLine) data.push(LINE_FEED);
        else if (part === SsePartKind.Kind) kind = [];
        else if (part === SsePartKind.KindBytes) kind.push(rest.slice(start, end));
        else if (part === SsePartKind.Overflow) return false;
        else {
          const event = [textOf(kind), textOf(data.slice(0, -1))] as const;
          const counts = data.length > 0;
          [data, kind] = [[], []];
          if (counts) sink(...event);
        }
      }
      rest = rest.subarray(scanned);
    }
    return true;
  };
}
