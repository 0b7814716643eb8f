/** Files inside an input: each is uploaded once, and its URL takes its place. */

import type { Upload } from "../client/context.ts";
import type { FileSource, UploadOptions } from "./types.ts";
import { FailureKind } from "../core/wire.ts";
import { callCore } from "../core/call-core.ts";
import { OperationError } from "../errors/errors.ts";
import { linkedTo } from "../io/linked.ts";
import { broken, bytesOf, isBlob, isStream } from "./bytes.ts";

/** Uploads under way at once. */
const PARALLEL = 4;

/** What counts as a file in an input: also what a page can make one of. */
type InputFile = FileSource | Canvas | string;

/** A canvas of a page, or one without a page. */
interface Canvas {
  toBlob?(done: (blob: Blob | null) => void): void;
  convertToBlob?(): Promise<Blob>;
}

/** Where in a copy of an input the URL of a file belongs. */
type Place = [container: Record<string, unknown>, name: string];

/** Throws that something in an input cannot be sent, and where it is. */
function refuse(path: string, what: string): never {
  throw new OperationError(FailureKind.InputInvalid, { option: path, why: what });
}

/** By what it can do: one of another realm is not an instance of this one's class. */
function isFile(value: object): boolean {
  const { toBlob, convertToBlob, type } = value as Canvas & { type?: unknown };
  const isCanvas = typeof toBlob === "function" || typeof convertToBlob === "function";
  return isCanvas || (isBlob(value) && typeof type === "string") || bytesOf(value) !== undefined;
}

/** A file, from what stands for it. */
async function fileOf(given: InputFile): Promise<FileSource> {
  const { toBlob, convertToBlob } = given as Canvas;
  // A URL of the page's own memory, which fal cannot read.
  if (typeof given === "string") return (await fetch(given).catch(broken)).blob();
  if (convertToBlob) return convertToBlob.call(given).catch(broken);
  if (!toBlob) return given as FileSource;
  const draw = (done: (blob: Blob | null) => void) => toBlob.call(given, done);
  return (await new Promise<Blob | null>(draw)) ?? broken(undefined);
}

/**
 * A copy of an input as JSON writes it, and the files in it, each once, with their places. What JSON would write as nothing, or as
 * something else, is refused: a run without its picture is paid for all the same.
 */
function filesIn(input: unknown): { root: { input?: unknown }; files: Map<InputFile, Place[]> } {
  const files = new Map<InputFile, Place[]>();
  const above = new Set<unknown>();
  const copy = (given: any, path: string, place: Place): unknown => {
    if (given === null || given === undefined || typeof given === "boolean") return given;
    if (typeof given === "number") return Number.isFinite(given) ? given : refuse(path, String(given));
    if (typeof given === "string" ? given.startsWith("blob:") : typeof given === "object" && isFile(given)) {
      files.set(given, [...(files.get(given) ?? []), place]);
      return given;
    }
    if (typeof given === "string") return given;
    if (typeof given !== "object") return refuse(path, `a ${typeof given}`);
    if (above.has(given)) return refuse(path, "a reference to what holds it");
    if (isStream(given) || typeof given.pipe === "function") return refuse(path, "a stream");
    above.add(given);
    try {
      return inside(given, path, place);
    } finally {
      above.delete(given);
    }
  };
  const inside = (given: any, path: string, place: Place): unknown => {
    if (typeof given.toJSON === "function") return copy(given.toJSON(place[1]), path, place);
    const brand = Object.prototype.toString.call(given).slice(8, -1);
    if (/^(String|Number|Boolean)$/.test(brand)) return copy(given.valueOf(), path, place);
    const isList = /^(Array|Set|FileList)$/.test(brand);
    const entries: [unknown, unknown][] = isList
      ? Array.from(given, (item, index) => [index, item])
      : brand === "Map"
        ? [...given]
        : Object.entries(given);
    if (!isList && brand !== "Object" && brand !== "Map" && entries.length === 0) refuse(path, `a ${brand}`);
    const made: any = isList ? [] : {};
    for (const [key, item] of entries) {
      const name = String(key);
      const value = copy(item, isList ? `${path}[${name}]` : `${path}.${name}`, [made, name]);
      // Not by assignment: a name may be `__proto__`.
      Object.defineProperty(made, name, { value, writable: true, enumerable: true, configurable: true });
    }
    return made;
  };
  const root: { input?: unknown } = {};
  root.input = copy(input, "input", [root, "input"]);
  return { root, files };
}

/**
 * Uploads the files in an input and puts their URLs in their places. An
 * upload that fails stops the others.
 */
export async function transformInput<Input>(
  input: Input,
  upload: Upload,
  { abortSignal, ...options }: UploadOptions = {},
): Promise<Input> {
  const { root, files: places } = callCore(() => filesIn(input));
  if (places.size === 0) return root.input as Input;
  const { signal, abort, leave } = linkedTo(abortSignal);
  const files = places.entries();
  const worker = async () => {
    for (const [file, at] of files) {
      const url = await upload(await fileOf(file), { ...options, abortSignal: signal });
      for (const [container, name] of at) container[name] = url;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(PARALLEL, places.size) }, worker));
  } catch (error) {
    abort();
    throw error;
  } finally {
    leave();
  }
  return root.input as Input;
}
