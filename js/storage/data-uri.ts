/** Files that are written into a text: `data:` URIs, by the rules of the fetch standard. */

import { invalidOption } from "../client/checks.ts";

/** The bytes a text stands for, one letter each: `%` and two digits is one, other letters are UTF-8. */
const bytesIn = (text: string): string => unescape(encodeURIComponent(text).replace(/%25(?!u)/gi, "%"));

/** The file in a `data:` URI. Any other text is no file: a URL needs no upload, and a path cannot be read from here. */
export function dataUri(text: string): Blob {
  const comma = text.indexOf(",");
  if (!/^data:/i.test(text.slice(0, 5)) || comma < 0) invalidOption("file");
  const head = text.slice(5, comma).trim();
  const base64 = head.search(/; *base64$/i);
  const type = base64 < 0 ? head : head.slice(0, base64).trim();
  try {
    const bytes = bytesIn(text.slice(comma + 1));
    const content = Uint8Array.from(base64 < 0 ? bytes : atob(bytes), (letter) => letter.charCodeAt(0));
    // A type that is left out, or that has parameters only, is text.
    return new Blob([content], { type: /^(;|$)/.test(type) ? `text/plain${type || ";charset=US-ASCII"}` : type });
  } catch {
    return invalidOption("file");
  }
}
