/** Whether the records of a proxy are as they were written: each is bound to the one before it. */

import { createHash } from "node:crypto";

import type { AuditRecord } from "../proxy/types.ts";

/** Something that is wrong with records, in words. */
export interface Break {
  /** The line of the file, from 1. */
  line: number;
  what: string;
}

/** A record, and the line that it is on. */
export interface Line {
  line: number;
  record: AuditRecord;
}

/** The records in a text with one on each line, and the lines that are none. */
export function recordsIn(text: string): { lines: Line[]; breaks: Break[] } {
  const lines: Line[] = [];
  const breaks: Break[] = [];
  for (const [index, words] of text.split("\n").entries()) {
    if (words.trim() === "") continue;
    try {
      const record = JSON.parse(words);
      const isRecord = [record.at, record.chain, record.hash, record.previous].every((one) => typeof one === "string");
      if (!isRecord || !Number.isSafeInteger(record.sequence)) throw new TypeError("It is another object.");
      lines.push({ line: index + 1, record });
    } catch {
      breaks.push({ line: index + 1, what: "is not a record" });
    }
  }
  return { lines, breaks };
}

/** What was hashed of a record (js/proxy/audit.ts, src/proxy/audit.rs), hashed by Node. */
function hashOf({ chain, sequence, previous, hash: _, ...fields }: AuditRecord): string {
  const sorted = Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify(Object.fromEntries(sorted));
  return createHash("sha256")
    .update([chain, String(sequence), previous, text].join("\n"))
    .digest("hex");
}

/** What is wrong with a record after another one of its chain. */
function wrongAfter(before: AuditRecord | undefined, record: AuditRecord): string | undefined {
  if (hashOf(record) !== record.hash) return "was changed: its hash is another";
  const expected = (before?.sequence ?? 0) + 1;
  if (record.sequence < expected) return `is there twice: record ${record.sequence} of its chain`;
  if (record.sequence > expected) {
    const [first, last] = [expected, record.sequence - 1];
    return `comes after a gap: ${first === last ? `record ${first}` : `records ${first} to ${last}`} of its chain are missing`;
  }
  if (record.previous !== (before?.hash ?? "")) return "does not follow the record before it";
  return undefined;
}

/** What is wrong with records. They may be in any order: of several processes each has a chain of its own. */
export function breaksIn(lines: readonly Line[]): Break[] {
  const last = new Map<string, AuditRecord>();
  const sorted = [...lines].sort((one, other) => one.record.sequence - other.record.sequence || one.line - other.line);
  const breaks: Break[] = [];
  for (const { line, record } of sorted) {
    const what = wrongAfter(last.get(record.chain), record);
    if (what !== undefined) breaks.push({ line, what });
    last.set(record.chain, record);
  }
  return breaks.sort((one, other) => one.line - other.line);
}
