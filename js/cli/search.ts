/** What must not be in a file. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { endOfKey } from "#core";
import { viewsOf } from "./views.ts";

/** The largest file that is read. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Prefixes by which frameworks know the variables that they write into what browsers get. */
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

/** A variable with such a prefix whose name says that it is a key for fal. */
const PUBLIC = new RegExp(
  `\\b(?:${PREFIXES})_(?:[A-Z0-9]+_)*FAL(?:AI)?_(?:[A-Z0-9]+_)*(?:KEY|SECRET)(?:_[A-Z]+)*\\b`,
  "g",
);

/** Half a key, beside the name that it has in the environment. */
const HALF = /FAL_KEY_SECRET["'`]?\s*[:=]\s*["'`]?([0-9a-f]{32})\b/gi;

/** What only the edge build has: how it names itself to fal. */
const EDGE = /fal-wasm\/[\w.-]+ \(edge\)/;

const KEY_LENGTH = 69;
const SECRET_LENGTH = 32;

/** Which key it is, without the key. @param {string} key */
const fingerprint = (key) => createHash("sha256").update(key).digest("hex").slice(0, 12);

/** The keys in a text, and where they begin. @param {string} text @returns {Generator<{ index: number, key: string }>} */
export function* keysIn(text) {
  for (let from = 0, length; (length = endOfKey(text.slice(from))) > 0; from += length) {
    const end = from + length;
    // The colon may be percent-encoded.
    const start = end - KEY_LENGTH - (text[end - SECRET_LENGTH - 1] === ":" ? 0 : 2);
    yield { index: start, key: text.slice(start, end).replace(/%3a/i, ":") };
  }
}

/** Line and column of a place, from 1. @param {string} text @param {number} index */
function position(text, index) {
  const start = text.lastIndexOf("\n", index - 1) + 1;
  const line = text.slice(0, start).split("\n").length;
  return { line, column: Buffer.from(text.slice(start, index), "latin1").toString().length + 1 };
}

/** Secrets and their names in a text. @param {string} text */
function* sightings(text) {
  for (const { index, key } of keysIn(text)) yield { code: "key", index, fingerprint: fingerprint(key) };
  for (const { index, 1: half } of text.matchAll(HALF))
    yield { code: "key_half", index, fingerprint: fingerprint(half) };
  for (const { index, 0: name } of text.matchAll(PUBLIC)) yield { code: "public_variable", index, detail: name };
}

/**
 * Everything in a file that must not be there. Each key and each name is told once.
 *
 * @param {import("./places.ts").File} file
 * @returns {import("./examine.ts").Finding[]}
 */
export function inFile({ path, name, size, served }) {
  /** @type {Buffer} */
  let bytes;
  try {
    if (size > MAX_BYTES) throw new RangeError("It is too large.");
    bytes = readFileSync(path);
  } catch {
    return [{ code: "unreadable", file: name }];
  }
  /** @type {Map<string, import("./examine.ts").Finding>} */
  const found = new Map();
  for (const { text, at, origin, how, source } of viewsOf(name, bytes)) {
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
