/** Files inside an input: each is uploaded once, and its URL takes its place. */

import { INPUT_INVALID } from "./codes.js";
import { enter } from "./drive.js";
import { Problem } from "./errors.js";

/** Uploads under way at once. */
const PARALLEL = 4;

/** What is inside a value that is looked into: lists and plain objects, as in `@fal-ai/client`. @param {any} value */
function partsOf(value) {
  if (Array.isArray(value)) return value;
  const isPlain = value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value) : [];
}

/**
 * The files in an input, each once. A value that contains itself is no input.
 *
 * @param {unknown} input
 */
function filesIn(input) {
  /** @type {Map<Blob, string>} */
  const files = new Map();
  const above = new Set();
  const seen = new Set();
  const visit = (/** @type {unknown} */ value) => {
    if (value instanceof Blob) files.set(value, "");
    if (above.has(value)) throw new Problem(INPUT_INVALID);
    if (seen.has(value)) return;
    const parts = partsOf(value);
    if (parts.length === 0) return;
    seen.add(value);
    above.add(value);
    parts.forEach(visit);
    above.delete(value);
  };
  visit(input);
  return files;
}

/** @param {any} value @param {Map<Blob, string>} urls @returns {any} */
function withUrls(value, urls) {
  if (value instanceof Blob) return urls.get(value);
  if (partsOf(value).length === 0) return value;
  if (Array.isArray(value)) return value.map((item) => withUrls(item, urls));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withUrls(item, urls)]));
}

/**
 * Uploads the files in an input and puts their URLs in their places. An input without files is returned as it is.
 *
 * @param {any} input
 * @param {(file: Blob) => Promise<string>} upload
 * @returns {Promise<any>}
 */
export async function transformInput(input, upload) {
  const urls = enter(() => filesIn(input));
  if (urls.size === 0) return input;
  const files = urls.keys();
  const worker = async () => {
    for (const file of files) urls.set(file, await upload(file));
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, urls.size) }, worker));
  return withUrls(input, urls);
}
