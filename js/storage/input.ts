/** Files inside an input: each is uploaded once, and its URL takes its transport. */

import { FailureKind } from "../core/wire.ts";
import { callCore } from "../core/call-core.ts";
import { OperationError } from "../errors/errors.ts";
import { bytesOf, isStream } from "./source.ts";

/** Uploads under way at once. */
const PARALLEL = 4;

/**
 * Whether a value is a file: a `Blob`, or bytes. As JSON bytes would be an object with a number for each, which no model
 * takes.
 *
 * @param {any} value
 */
const isFile = (value) => value instanceof Blob || bytesOf(value) !== undefined;

/** What is inside a value that is looked into: lists and plain objects, as in `@fal-ai/client`. @param {any} value */
function partsOf(value) {
  if (Array.isArray(value)) return value;
  const isPlain = value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value) : [];
}

/**
 * The files in an input, each once. A value that contains itself is no input, and neither is a stream: it does not say
 * how long it is.
 *
 * @param {unknown} input
 */
function filesIn(input) {
  /** @type {Map<any, string>} */
  const files = new Map();
  const above = new Set();
  const seen = new Set();
  const visit = (/** @type {unknown} */ value) => {
    if (above.has(value) || isStream(value)) throw new OperationError(FailureKind.InputInvalid);
    if (isFile(value)) files.set(value, "");
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

/** @param {any} value @param {Map<any, string>} urls @returns {any} */
function withUrls(value, urls) {
  const url = urls.get(value);
  if (url !== undefined) return url;
  if (partsOf(value).length === 0) return value;
  if (Array.isArray(value)) return value.map((item) => withUrls(item, urls));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withUrls(item, urls)]));
}

/**
 * Uploads the files in an input and puts their URLs in their places. An input without files is returned as it is. An
 * upload that fails stops the others.
 *
 * @param {any} input
 * @param {(file: any, options: any) => Promise<string>} upload
 * @param {any} [options]
 * @returns {Promise<any>}
 */
export async function transformInput(input, upload, { abortSignal, ...options } = {}) {
  const urls = callCore(() => filesIn(input));
  if (urls.size === 0) return input;
  const controller = new AbortController();
  const abort = () => controller.abort(abortSignal?.reason);
  if (abortSignal?.aborted) abort();
  abortSignal?.addEventListener("abort", abort);
  const files = urls.keys();
  const worker = async () => {
    for (const file of files) urls.set(file, await upload(file, { ...options, abortSignal: controller.signal }));
  };
  try {
    await Promise.all(Array.from({ length: Math.min(PARALLEL, urls.size) }, worker));
  } catch (error) {
    controller.abort();
    throw error;
  } finally {
    abortSignal?.removeEventListener("abort", abort);
  }
  return withUrls(input, urls);
}
