/** The source files of an app. */

import { readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";

const LANGUAGES = [".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".astro"];

/** Packages, builds, and what begins with a dot: caches, builds, history. */
const SKIPPED = /^(\..*|node_modules|dist|build|out|coverage|target|vendor)$/;

/** The largest file that is read: nobody writes larger ones by hand. */
const MAX_BYTES = 1024 * 1024;

/** Names and texts of the source files below a folder, in order. */
export function* sourcesOf(folder: string, below = ""): Generator<{ file: string; text: string }> {
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = below ? `${below}/${entry.name}` : entry.name;
    if (SKIPPED.test(entry.name) && entry.isDirectory()) continue;
    if (entry.isDirectory()) yield* sourcesOf(folder, file);
    if (!entry.isFile() || !LANGUAGES.includes(extname(file))) continue;
    const bytes = readFileSync(join(folder, file));
    if (bytes.length <= MAX_BYTES) yield { file, text: bytes.toString() };
  }
}
