/** Files on their way in, and the files that a result names. */

import type { Result } from "../client/run.ts";
import type { FalProviderOptions } from "./types.ts";
import { FalMediaError } from "./media-error.ts";

/** A file as the AI SDK hands it over. */
type SdkFile =
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "file"; readonly mediaType: string; readonly data: string | Uint8Array };

/** A file as fal describes it in a result. */
export interface FalFile {
  readonly url: string;
  readonly content_type?: string | null;
}

/** A file for an input: a URL as it is, bytes as a `Blob` that the client uploads. */
export const toInput = (file: SdkFile): string | Blob =>
  file.type === "url" ? file.url : toBlob(file.data, file.mediaType);

/** Bytes, or their base64. */
export const toBlob = (data: string | Uint8Array, type: string): Blob =>
  new Blob([typeof data === "string" ? fromBase64(data) : (data as BlobPart)], { type });

/** Whether a value is a file of a result. */
export const isFile = (value: unknown): value is FalFile =>
  typeof value === "object" && value !== null && typeof (value as FalFile).url === "string";

/** The first file under one of the names, which may also hold a list, or a URL alone. */
export function firstFile(data: any, names: string[]): FalFile | undefined {
  for (const name of names) {
    const value = Array.isArray(data?.[name]) ? data[name][0] : data?.[name];
    if (isFile(value)) return value;
    if (typeof value === "string") return { url: value };
  }
  return undefined;
}

/** The bytes of a file of a result. */
export async function download(
  { fetch: ownFetch }: FalProviderOptions,
  { url }: FalFile,
  result: Result<any>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const inline = /^data:[^,]*;base64,(.*)$/s.exec(url);
  if (inline) return fromBase64(inline[1]!);
  // A model says where its files are. Without a `fetch` of the app's own that may be no place inside of its network.
  if (!ownFetch && !/^https:\/\//i.test(url))
    throw new FalMediaError(`The model named a file that is not at an \`https:\` URL, so it was not fetched.`, result);
  try {
    const response = await (ownFetch ?? fetch)(url, signal ? { signal } : {});
    if (!response.ok) throw new Error(`It was answered with ${response.status}.`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new FalMediaError("The file of a result could not be fetched.", result, error);
  }
}

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
