/** Files to upload, and their hashes. */

import { createHash } from "node:crypto";

export const MIB = 1024 * 1024;

/** Bytes that do not repeat from part to part. @param {number} size */
export function bytes(size) {
  const all = new Uint8Array(size);
  for (let at = 0; at < size; at += 4096) all[at] = (at / 4096) % 251;
  return all;
}

/** @param {Uint8Array} content */
export const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/** A stream of these bytes, in pieces of an odd size. @param {Uint8Array<any>} content @param {number} [piece] */
export function flow(content, piece = 70_001) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= content.length) return controller.close();
      controller.enqueue(content.subarray(at, (at += piece)));
    },
  });
}

/** The file at a URL, as the emulator has it. @param {any} emulator @param {string} url @returns {Promise<any>} */
export const storedOf = async (emulator, url) =>
  (await emulator.seen()).files.find((/** @type {any} */ file) => file.url === url);

/** The requests that were seen, as method and path; ids left out. @param {any} emulator @returns {Promise<string[]>} */
export const seenOf = async (emulator) =>
  (await emulator.seen()).requests.map(
    (/** @type {any} */ { method, path }) => `${method} ${path.replace(/presigned\/[^/]*/, "presigned")}`,
  );
