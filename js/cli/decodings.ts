/**
 * The ways a text can be written in a file: as it is, compressed, in a source map, in base64, or in pieces. Each way gives a
 * decoding: the text, and how a position in it maps back to the file.
 */

import { brotliDecompressSync, gunzipSync } from "node:zlib";

/** How many bytes a compressed file may expand to. */
const MAX_BYTES = 256 * 1024 * 1024;
/** How many layers of base64 are decoded. */
const MAX_DEPTH = 2;

export interface Decoding {
  text: string;
  /** The position in {@link Decoding.origin} of a position in this text. */
  at: (index: number) => number;
  /** The text that lines and columns are counted in. */
  origin: string;
  /** What was done to get it. */
  how?: string | undefined;
  /** The source inside the file that it comes from. */
  source?: string | undefined;
}

/** The shortest base64 that could hold a key: 69 characters. */
const BASE64 = /[A-Za-z0-9+/_-]{92,}/g;

/** What separates two pieces of a text; as a group, a colon that is written as an escape. */
const SEAM = /["'`]\)?\s*(?:\+|,|\.concat\()\s*["'`]|(\\x3a|\\u003a|\\u\{3a\}|&#58;|&#x3a;|&colon;)/gi;

/** The content of a file, decompressed when its name says that it is compressed. */
function decompress(name: string, bytes: Buffer): { bytes: Buffer; how?: string } {
  try {
    if (name.endsWith(".gz")) return { bytes: gunzipSync(bytes, { maxOutputLength: MAX_BYTES }), how: "compressed" };
    if (name.endsWith(".br"))
      return { bytes: brotliDecompressSync(bytes, { maxOutputLength: MAX_BYTES }), how: "compressed" };
  } catch {
    // The extension is misleading: search the bytes as they are.
  }
  return { bytes };
}

/** Latin-1 keeps bytes that are not UTF-8, as one character each, so that positions stay positions of bytes. */
const decode = (bytes: Buffer): string => bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "latin1");

const same = (index: number): number => index;

/** Every decoding of a file. */
export function* decodingsOf(name: string, file: Buffer): Generator<Decoding> {
  const { bytes, how } = decompress(name, file);
  const text = decode(bytes);
  for (const [source, content] of sourcesOf(text)) {
    yield* decodingsOfText({ text: content, origin: content, at: same, source, how });
  }
  yield* decodingsOfText({ text, origin: text, at: same, how });
}

interface SourceMap {
  sources?: unknown[];
  sourcesContent?: unknown[];
  sections?: { map: SourceMap }[];
}

/** The names and contents of the sources that a source map embeds. */
function sourcesOf(text: string): [name: string, content: string][] {
  if (!text.includes('"sourcesContent"')) return [];
  try {
    const map: SourceMap = JSON.parse(text);
    const maps = [map, ...(map.sections ?? []).map((section) => section.map)];
    return maps.flatMap(({ sources = [], sourcesContent = [] }) =>
      sourcesContent.flatMap((content, index): [string, string][] =>
        typeof content === "string" ? [[String(sources[index] ?? index), content]] : [],
      ),
    );
  } catch {
    return [];
  }
}

/** A text, and the texts that are hidden in it. */
function* decodingsOfText(decoding: Decoding, depth = 0): Generator<Decoding> {
  yield decoding;
  for (const glue of ["", ":"]) yield* joined(decoding, glue);
  if (depth < MAX_DEPTH) yield* fromBase64(decoding, depth + 1);
}

/** The text with its pieces joined, when it has any. */
function* joined(decoding: Decoding, glue: string): Generator<Decoding> {
  const { text } = decoding;
  /** Where each piece begins: in the joined text, and in the original. */
  const pieces: [joined: number, original: number][] = [[0, 0]];
  let whole = "";
  let from = 0;
  for (const { 0: seam, 1: colon, index } of text.matchAll(SEAM)) {
    whole += text.slice(from, index) + (colon ? ":" : glue);
    from = index + seam.length;
    pieces.push([whole.length, from]);
  }
  if (from === 0) return;
  const at = (index: number): number => {
    const [start, original] = pieces.findLast(([start]) => start <= index) ?? [0, 0];
    return decoding.at(original + index - start);
  };
  yield { ...decoding, text: whole + text.slice(from), at, how: decoding.how ?? "in pieces" };
}

/** What base64 in the text decodes to, at each of its four alignments. */
function* fromBase64(decoding: Decoding, depth: number): Generator<Decoding> {
  for (const { 0: run, index } of decoding.text.matchAll(BASE64)) {
    for (let shift = 0; shift < 4; shift++) {
      const text = Buffer.from(run.slice(shift), "base64").toString("latin1");
      const at = (inner: number): number => decoding.at(index + shift + Math.floor((inner * 4) / 3));
      yield* decodingsOfText({ ...decoding, text, at, how: "base64" }, depth);
    }
  }
}
