/**
 * Server-sent events, by the rules of WHATWG HTML ("parsing an event stream"), at any split of the bytes. Of the fields only
 * `event` and `data` are kept: nothing here reconnects, so `id` and `retry` decide nothing.
 */

/** Largest event accepted, in characters. Pictures come inside of events, as data URIs. */
const MAX_EVENT_LENGTH = 32 << 20;

/** Takes an event: its kind, and its data. */
export type EventSink = (kind: string, data: string) => void;

/** What fal's older streams end with, as those of other services do. */
export const DONE = "[DONE]";

/**
 * Finds the events in a stream. Returns a function that takes the next bytes, and nothing at the end; false when an event is
 * too large, or when the end is inside of one.
 */
export function eventScanner(sink: EventSink): (bytes?: Uint8Array) => boolean {
  // It takes away the byte order mark, and keeps a character that is cut in two.
  const decoder = new TextDecoder();
  /** The line that has not ended. */
  let rest = "";
  /** A line feed after it ends no second line. */
  let isAfterReturn = false;
  let data: string[] = [];
  let kind = "";
  /** The length of the data, with a line feed after each line. */
  let size = 0;

  const take = (line: string) => {
    const colon = `${line}:`.indexOf(":");
    const [field, value] = [line.slice(0, colon), line.slice(colon + (line[colon + 1] === " " ? 2 : 1))];
    if (field === "event") kind = value;
    if (field === "data") {
      data.push(value);
      size += value.length + 1;
    }
    if (line) return;
    const event = [kind, data.join("\n")] as const;
    const counts = data.length > 0;
    [kind, data, size] = ["", [], 0];
    if (counts) sink(...event);
  };

  return (bytes) => {
    const text = decoder.decode(bytes, { stream: Boolean(bytes) });
    if (!bytes) {
      rest += text;
      if (rest) take(rest);
      return data.join("\n").trim() === DONE || (!rest && !kind && !data.length);
    }
    // Less than a character has come.
    if (!text) return true;
    // A split by a text takes a fraction of the time, and hardly any server writes carriage returns.
    const end = text.includes("\r") ? /\r\n|\r|\n/ : "\n";
    const lines = text.slice(isAfterReturn && text.startsWith("\n") ? 1 : 0).split(end);
    isAfterReturn = text.endsWith("\r");
    lines[0] = rest + lines[0];
    rest = lines.pop() as string;
    lines.forEach(take);
    return rest.length + size <= MAX_EVENT_LENGTH;
  };
}
