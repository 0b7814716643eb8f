/** Files inside an input: each is uploaded once, and its URL takes its place. */

import type { Upload } from "../client/context.ts";
import type { UploadOptions } from "./types.ts";
import { FailureKind } from "../core/wire.ts";
import { callCore } from "../core/call-core.ts";
import { OperationError } from "../errors/errors.ts";
import { onAbort } from "../io/on-abort.ts";
import { bytesOf, isStream } from "./bytes.ts";

/** Uploads under way at once. */
const PARALLEL = 4;

/** What counts as a file in an input. */
type InputFile = Blob | ArrayBuffer | ArrayBufferView;

/** As JSON, bytes would become an object with a number for each, which no model takes. */
const isFile = (value: unknown): value is InputFile => value instanceof Blob || bytesOf(value) !== undefined;

/** What is inside a value that is looked into: lists and plain objects, as in `@fal-ai/client`. */
function partsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const isPlain = value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value) : [];
}

/**
 * The files in an input, each once. A value that contains itself cannot be an input, and neither can a stream: it does
 * not say how long it is.
 */
function filesIn(input: unknown): Map<InputFile, string> {
  const files = new Map<InputFile, string>();
  const above = new Set<unknown>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
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

/** An input with the URLs of its files in their places. */
function withUrls(value: unknown, urls: Map<unknown, string>): unknown {
  const url = urls.get(value);
  if (url !== undefined) return url;
  if (partsOf(value).length === 0) return value;
  if (Array.isArray(value)) return value.map((item) => withUrls(item, urls));
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, withUrls(item, urls)]));
}

/**
 * Uploads the files in an input and puts their URLs in their places. An input without files is returned as it is. An
 * upload that fails stops the others.
 */
export async function transformInput<Input>(
  input: Input,
  upload: Upload,
  { abortSignal, ...options }: UploadOptions = {},
): Promise<Input> {
  const urls = callCore(() => filesIn(input));
  if (urls.size === 0) return input;
  const controller = new AbortController();
  const abort = () => controller.abort(abortSignal?.reason);
  if (abortSignal?.aborted) abort();
  const leave = onAbort(abortSignal, abort);
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
    leave();
  }
  return withUrls(input, urls) as Input;
}
