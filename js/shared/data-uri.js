/** Files that are written into a text: `data:` URIs, by the rules of the fetch standard. */

import { refuse } from "./options.js";

const IS_BASE64 = /;\s*base64\s*$/i;

/** The bytes a text stands for, `%` and two digits each being one of them. @param {string} text */
function unescaped(text) {
  const bytes = new TextEncoder().encode(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1, length += 1) {
    const digits = bytes[at] === 37 && String.fromCharCode(bytes[at + 1], bytes[at + 2]);
    const isByte = digits && /^[0-9a-f]{2}$/i.test(digits);
    bytes[length] = isByte ? parseInt(digits, 16) : bytes[at];
    if (isByte) at += 2;
  }
  return bytes.subarray(0, length);
}

/** The file in a `data:` URI. Any other text is no file: a URL needs no upload, and a path cannot be read from here. @param {string} text */
export function dataUri(text) {
  const comma = text.indexOf(",");
  if (!/^data:/i.test(text.slice(0, 5)) || comma < 0) refuse("file");
  const [head, body] = [text.slice(5, comma), text.slice(comma + 1)];
  const type = head.replace(IS_BASE64, "").trim();
  try {
    const bytes = IS_BASE64.test(head)
      ? Uint8Array.from(atob(body.includes("%") ? decodeURIComponent(body) : body), (letter) => letter.charCodeAt(0))
      : unescaped(body);
    // A type that is left out, or that has parameters only, is text.
    return new Blob([bytes], { type: /^(;|$)/.test(type) ? `text/plain${type || ";charset=US-ASCII"}` : type });
  } catch {
    return refuse("file");
  }
}
