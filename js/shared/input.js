/** Files inside an input: each is uploaded once, and its URL takes its place. */

/** Uploads under way at once. */
const PARALLEL = 4;

/** How deep an input is looked into; deeper is not an input but a loop. */
const MAX_DEPTH = 64;

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isPlain = (value) =>
  value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;

/** Finds the files in an input. @param {unknown} value @param {Map<Blob, string>} found @param {number} depth */
function find(value, found, depth) {
  if (depth > MAX_DEPTH) return found;
  if (value instanceof Blob) found.set(value, "");
  else if (Array.isArray(value)) for (const item of value) find(item, found, depth + 1);
  else if (isPlain(value)) for (const item of Object.values(value)) find(item, found, depth + 1);
  return found;
}

/** @param {unknown} value @param {Map<Blob, string>} urls @returns {any} */
function replace(value, urls) {
  if (value instanceof Blob) return urls.get(value);
  if (Array.isArray(value)) return value.map((item) => replace(item, urls));
  if (isPlain(value))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replace(item, urls)]));
  return value;
}

/**
 * Uploads the files in an input and puts their URLs in their places. An input without files is returned as it is.
 *
 * @param {any} input
 * @param {(file: Blob) => Promise<string>} upload
 * @returns {Promise<any>}
 */
export async function transformInput(input, upload) {
  const urls = find(input, new Map(), 0);
  if (urls.size === 0) return input;
  const files = urls.keys();
  const worker = async () => {
    for (const file of files) urls.set(file, await upload(file));
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, urls.size) }, worker));
  return replace(input, urls);
}
