/** Finds keys, and names that would publish one, in a file. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { KEY } from "../core/wire.ts";
import type { BuildFile } from "./build-dirs.ts";
import { decodingsOf } from "./decodings.ts";
import type { Finding } from "./types.ts";

/** The largest file that is read. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Prefixes of the variables that frameworks write into the code browsers get. */
const PREFIXES = [
  "EXPO_PUBLIC",
  "GATSBY",
  "NEXT_PUBLIC",
  "NG_APP",
  "NUXT_PUBLIC",
  "PUBLIC",
  "REACT_APP",
  "STORYBOOK",
  "VITE",
  "VUE_APP",
].join("|");

/** A variable with such a prefix whose name says that it holds a key for fal. */
const PUBLIC = new RegExp(
  `\\b(?:${PREFIXES})_(?:[A-Z0-9]+_)*FAL(?:AI)?_(?:[A-Z0-9]+_)*(?:KEY|SECRET)(?:_[A-Z]+)*\\b`,
  "g",
);

/** Half a key, next to its name in the environment. */
const HALF = /FAL_KEY_SECRET["'`]?\s*[:=]\s*["'`]?([0-9a-f]{32})\b/gi;

/** The user agent of the edge build, which only that build contains. */
const EDGE = /fal-wasm\/[\w.-]+ \(edge\)/;

/** Identifies a key without showing it. */
const fingerprint = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 12);

/** The keys in a text, and where they begin. */
export function* keysIn(text: string): Generator<{ index: number; key: string }> {
  // The colon may be percent-encoded.
  for (const { index, 0: key } of text.matchAll(new RegExp(KEY, "gi"))) yield { index, key: key.replace(/%3a/i, ":") };
}

/** Line and column of a position, from 1. */
function position(text: string, index: number): { line: number; column: number } {
  const start = text.lastIndexOf("\n", index - 1) + 1;
  const line = text.slice(0, start).split("\n").length;
  return { line, column: Buffer.from(text.slice(start, index), "latin1").toString().length + 1 };
}

type Sighting = { index: number } & Pick<Finding, "code" | "fingerprint" | "detail">;

/** The keys, halves of keys and public names in a text. */
function* sightings(text: string): Generator<Sighting> {
  for (const { index, key } of keysIn(text)) yield { code: "key", index, fingerprint: fingerprint(key) };
  for (const { index, 1: half = "" } of text.matchAll(HALF))
    yield { code: "key_half", index, fingerprint: fingerprint(half) };
  for (const { index, 0: name } of text.matchAll(PUBLIC)) yield { code: "public_variable", index, detail: name };
}

/** Everything in a file that must not be there. Each key and each name is reported once per file. */
export function inFile({ path, name, size, served }: BuildFile): Finding[] {
  let bytes: Buffer;
  try {
    if (size > MAX_BYTES) throw new RangeError("It is too large.");
    bytes = readFileSync(path);
  } catch {
    return [{ code: "unreadable", file: name }];
  }
  const found = new Map<string, Finding>();
  for (const { text, at, origin, how, source } of decodingsOf(name, bytes)) {
    for (const { code, index, ...what } of sightings(text)) {
      const id = JSON.stringify([code, what]);
      if (found.has(id)) continue;
      const file = source === undefined ? name : `${name}: ${source}`;
      found.set(id, { code, file, ...position(origin, at(index)), ...(how && { how }), ...what });
    }
    if (served && EDGE.test(text)) found.set("edge", { code: "edge_build_served", file: name });
  }
  return [...found.values()];
}
