/**
 * The ways in which a text can stand in a file: as it is, compressed, in a source map, in base64, in pieces. Each is a view:
 * a text, and where in the file a place of it is.
 */

import { brotliDecompressSync, gunzipSync } from "node:zlib";

/** How much a compressed file may unfold to. */
const MAX_BYTES = 256 * 1024 * 1024;
/** How often base64 is looked for inside of base64. */
const MAX_DEPTH = 2;

/**
 * @typedef {object} View
 * @property {string} text
 * @property {(index: number) => number} at The place in {@link View.origin} of a place in this text.
 * @property {string} origin What lines and columns are counted in.
 * @property {string} [how] What was done to get it.
 * @property {string} [source] What it is a part of the file of.
 */

/** The shortest base64 that could hold a key: 69 characters. */
const BASE64 = /[A-Za-z0-9+/_-]{92,}/g;

/** What stands between two pieces of a text; and, as a group, a colon in disguise. */
const SEAM = /["'`]\)?\s*(?:\+|,|\.concat\()\s*["'`]|(\\x3a|\\u003a|\\u\{3a\}|&#58;|&#x3a;|&colon;)/gi;

/** The text of a file. Bytes that are no UTF-8 stay what they are, one character each. @param {string} name @param {Buffer} bytes */
function unfold(name, bytes) {
  try {
    if (name.endsWith(".gz")) return { bytes: gunzipSync(bytes, { maxOutputLength: MAX_BYTES }), how: "compressed" };
    if (name.endsWith(".br"))
      return { bytes: brotliDecompressSync(bytes, { maxOutputLength: MAX_BYTES }), how: "compressed" };
  } catch {
    // It is called so, and is something else.
  }
  return { bytes };
}

/** @param {Buffer} bytes */
const decode = (bytes) => bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "latin1");

/** Every view of a file. @param {string} name @param {Buffer} file @returns {Generator<View>} */
export function* viewsOf(name, file) {
  const { bytes, how } = unfold(name, file);
  const text = decode(bytes);
  for (const [source, content] of sourcesOf(text)) {
    yield* viewsOfText({ text: content, origin: content, at: (index) => index, source, how });
  }
  yield* viewsOfText({ text, origin: text, at: (index) => index, how });
}

/** The sources that a source map carries along. @param {string} text @returns {[string, string][]} */
function sourcesOf(text) {
  if (!text.includes('"sourcesContent"')) return [];
  try {
    const map = JSON.parse(text);
    const maps = [map, ...(map.sections ?? []).map((/** @type {any} */ section) => section.map)];
    return maps.flatMap(({ sources = [], sourcesContent = [] }) =>
      sourcesContent.flatMap((/** @type {unknown} */ content, /** @type {number} */ index) =>
        typeof content === "string" ? [[String(sources[index] ?? index), content]] : [],
      ),
    );
  } catch {
    return [];
  }
}

/** A text, and what is hidden in it. @param {View} view @param {number} [depth] @returns {Generator<View>} */
function* viewsOfText(view, depth = 0) {
  yield view;
  for (const glue of ["", ":"]) yield* joined(view, glue);
  if (depth < MAX_DEPTH) yield* decoded(view, depth + 1);
}

/** The text with its pieces joined, when it has some. @param {View} view @param {string} glue @returns {Generator<View>} */
function* joined(view, glue) {
  const { text } = view;
  /** Where the pieces begin, here and there. @type {[number, number][]} */
  const pieces = [[0, 0]];
  let whole = "";
  let from = 0;
  for (const { 0: seam, 1: colon, index } of text.matchAll(SEAM)) {
    whole += text.slice(from, index) + (colon ? ":" : glue);
    from = index + seam.length;
    pieces.push([whole.length, from]);
  }
  if (from === 0) return;
  const at = (/** @type {number} */ place) => {
    const [here, there] = pieces.findLast(([here]) => here <= place) ?? [0, 0];
    return view.at(there + place - here);
  };
  yield { ...view, text: whole + text.slice(from), at, how: view.how ?? "in pieces" };
}

/** What base64 in the text says, at each of its alignments. @param {View} view @param {number} depth @returns {Generator<View>} */
function* decoded(view, depth) {
  for (const { 0: run, index } of view.text.matchAll(BASE64)) {
    for (let shift = 0; shift < 4; shift++) {
      const text = Buffer.from(run.slice(shift), "base64").toString("latin1");
      const at = (/** @type {number} */ inner) => view.at(index + shift + Math.floor((inner * 4) / 3));
      yield* viewsOfText({ ...view, text, at, how: "base64" }, depth);
    }
  }
}
