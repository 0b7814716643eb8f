/** JSON as configurations have it. */

import { readFileSync } from "node:fs";

/** The fields of a value; none when it is not an object. */
export const fieldsOf = (value: unknown): Record<string, unknown> => Object(value ?? {});

/** Parsed JSON, where comments and trailing commas are allowed; undefined when the file is missing or is not JSON. */
export function readJson(path: string): unknown {
  try {
    const text = readFileSync(path, "utf8");
    const plain = text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g, "$1");
    return JSON.parse(plain.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, "$1"));
  } catch {
    return undefined;
  }
}
