/** A file as a text, for inputs that are small or must not be uploaded. */

import type { DataUri } from "./types.ts";
import { callCore } from "../core/call-core.ts";
import { invalidOption } from "../client/checks.ts";
import { bytesOf, isBlob } from "./bytes.ts";
import { MEDIA_TYPE } from "./source.ts";

/** Bytes per call of `fromCharCode`: an engine takes only so many arguments. */
const CHUNK = 8_192;

/**
 * Writes a file as a `data:` URI, which models take in place of a URL. It is sent within the input, a third longer than the
 * file: fit for what is small, or must not be stored.
 *
 * @param file - What has the bytes.
 * @param contentType - The media type. Default: the one of the file, else `application/octet-stream`.
 * @throws FalError `invalid_option` for what is no file or no media type.
 * @example
 * ```js
 * await fal.run("fal-ai/any-model", { input: { image_url: await encode(file) } });
 * ```
 */
export async function encode(file: Blob | ArrayBuffer | ArrayBufferView, contentType?: string): Promise<DataUri> {
  const type = contentType || (file as Blob | undefined)?.type || "application/octet-stream";
  const content = callCore(() => {
    if (!MEDIA_TYPE.test(type)) invalidOption("contentType");
    return bytesOf(file) ?? (isBlob(file) ? file : invalidOption("file"));
  });
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(await content.arrayBuffer());
  let letters = "";
  for (let from = 0; from < bytes.length; from += CHUNK)
    letters += String.fromCharCode(...bytes.subarray(from, from + CHUNK));
  return `data:${type.replaceAll(" ", "")};base64,${btoa(letters)}`;
}
