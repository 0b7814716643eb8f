/**
 * Server-sent events, by the rules of WHATWG HTML ("parsing an event stream"), at any split of the bytes. Of the fields only
 * `event` and `data` are kept: nothing here reconnects, so `id` and `retry` decide nothing.
 */

import { BodyKind, Media } from "../core/wire.ts";
import { parse } from "./response.ts";

/** Largest event accepted, in characters. Pictures come inside of events, as data URIs. */
const MAX_EVENT_LENGTH = 33_554_432;

/** Takes an event: its kind, and its data; or the values that the data of several events are. */
export type EventSink = (kind: string, data: string, values?: unknown[]) => void;

/** What fal's older streams end with, as those of other services do. */
export const DONE = "[DONE]";

/**
 * Finds the events in a stream. Returns a function that takes the next bytes, and nothing at the end; false when an event is
 * too large, or when the end is inside of one.
 */
export function eventScanner(sink: EventSink): (bytes?: Uint8Array) => boolean {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** What the next character is nothing as: a byte order mark at the start, a line feed after a carriage return. */
  let skipped = "\uFEFF";
  /** The line that has not ended. */
  let rest = "";
  let kind = "";
  /** The lines of data, with a line feed ahead of each. */
  let data = "";

  const read = (text: string) => {
    for (let end; (end = text.indexOf("\n")) >= 0; rest = "", text = text.slice(end + 1)) {
      const line = rest + text.slice(0, end);
      if (line) {
        const field = line.split(":", 1)[0] as string;
        const value = line.slice(field.length + (line[field.length + 1] === " " ? 2 : 1));
        if (field === "event") kind = value;
        if (field === "data") data += `\n${value}`;
      } else {
        if (data) sink(kind, data.slice(1));
        kind = data = "";
      }
    }
    rest += text;
  };

  return (bytes) => {
    // After a byte of ASCII nothing is left to be continued, and Node decodes ten times as fast what is not.
    let text = decoder.decode(bytes, { stream: (bytes?.slice(-1)[0] as number) > 127 });
    if (!bytes) {
      rest += text;
      const isInside = rest || kind || data;
      if (rest) read("\n");
      return !isInside || data.trim() === DONE;
    }
    // Less than a character may have come.
    if (text) {
      if (text[0] === skipped) text = text.slice(1);
      skipped = text.endsWith("\r") ? "\n" : "";
      text = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
      const events = text.split("\n\ndata: {");
      // A call of `JSON.parse` for each event takes longer than one for all of them. It is the same where no event has a bracket
      // or another line in it: only in the outer array can a comma have a tab after it, which no string may have, and a brace,
      // which is no key. So each event is one value or several, and as there are as many values, it is one.
      const last = events.pop() as string;
      const flat = events.slice(1);
      const list = flat.join(",\t{");
      const isOther = !list || list.includes("[") || list.includes("\n");
      const values: any = isOther || parse(`[{${list}]`, Media.Json, BodyKind.Explanation);
      if (values.length === flat.length) {
        read(`${events[0]}\n\n`);
        sink("", "", values);
        text = `data: {${last}`;
      }
      read(text);
    }
    return rest.length + data.length <= MAX_EVENT_LENGTH;
  };
}
