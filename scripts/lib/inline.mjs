/**
 * WebAssembly as text in a module.
 *
 * base64 puts three bytes into four letters, so that what repeats in the bytes does not repeat in the text, and a
 * compressed page pays 30 % for it. Here the most frequent bytes are one letter each and the rest two, so what repeats
 * still does. Measured on the browser build (brotli 11): bytes 15.2 kB, this 15.8, as hexadecimal 16.4, base64 19.8.
 */

/** Letters that cannot stand in a string as they are, or could end a script. */
const AWKWARD = "\"'\\`$<";

/** The others of printable ASCII. */
const LETTERS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  .filter((letter) => !AWKWARD.includes(letter))
  .join("");

/** Letters that begin a pair; the others are a byte of their own. */
const PAIRS = 3;
const BASE = LETTERS.length;
const SINGLES = LETTERS.length - PAIRS;

/**
 * A module whose default export gives the compiled module. Nothing is compiled before: where it must not be, only a call fails.
 *
 * @param {Uint8Array} bytes
 */
export function inlined(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte] += 1;
  const frequent = [...count.keys()].sort((a, b) => count[b] - count[a] || a - b).slice(0, SINGLES);
  const codeOf = new Map(frequent.map((byte, rank) => [byte, LETTERS[PAIRS + rank]]));
  for (let byte = 0; byte < 256; byte++) {
    // The others by their own numbers: there are fewer than two letters can say.
    if (!codeOf.has(byte)) codeOf.set(byte, LETTERS[Math.floor(byte / BASE)] + LETTERS[byte % BASE]);
  }
  const text = Array.from(bytes, (byte) => codeOf.get(byte)).join("");
  return `// Made by scripts/lib/inline.mjs: the most frequent bytes are one letter, the rest two.
const frequent = atob("${Buffer.from(frequent).toString("base64")}");
const text =
  "${text}";
let compiled;
function compile() {
const rank = new Uint8Array(127);
for (let code = 32, count = 0; code < 127; code++) {
  if (!${JSON.stringify(AWKWARD)}.includes(String.fromCharCode(code))) rank[code] = count++;
}
const bytes = new Uint8Array(${bytes.length});
for (let from = 0, to = 0; to < ${bytes.length}; ) {
  const first = rank[text.charCodeAt(from++)];
  bytes[to++] =
    first < ${PAIRS} ? first * ${BASE} + rank[text.charCodeAt(from++)] : frequent.charCodeAt(first - ${PAIRS});
}
return new WebAssembly.Module(bytes);
}
export default () => (compiled ??= compile());
`;
}
