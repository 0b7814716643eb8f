/**
 * WebAssembly as text in a module.
 *
 * base64 puts three bytes into four letters, so that what repeats in the bytes does not repeat in the text, and a
 * compressed page pays 30 % for it. Here the most frequent bytes are one letter each and the rest two, so what repeats
 * still does. Measured on the browser build (brotli 11): bytes 15.2 kB, this 15.8, as hexadecimal 16.4, base64 19.8.
 */

/** Letters that stand in a string as they are: printable ASCII without quotes, and without what could end a script. */
const LETTERS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  .filter((letter) => !'"\\`$<'.includes(letter))
  .join("");

/** Letters that begin a pair; the others are a byte of their own. */
const PAIRS = 2;
const SINGLES = LETTERS.length - PAIRS;

/**
 * A module whose default export is the compiled module.
 *
 * @param {Uint8Array} bytes
 */
export function inlined(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte] += 1;
  const order = [...count.keys()].sort((a, b) => count[b] - count[a] || a - b);
  const codes = order.map((_, rank) => {
    if (rank < SINGLES) return LETTERS[PAIRS + rank];
    const rest = rank - SINGLES;
    return LETTERS[Math.floor(rest / LETTERS.length)] + LETTERS[rest % LETTERS.length];
  });
  const codeOf = new Map(order.map((byte, rank) => [byte, codes[rank]]));
  const text = Array.from(bytes, (byte) => codeOf.get(byte)).join("");
  return `// Made by scripts/lib/inline.mjs: the most frequent bytes are one letter, the rest two.
const letters = "${LETTERS}";
const order = "${Buffer.from(order).toString("hex")}";
const text =
  "${text}";
const byteAt = Uint8Array.from({ length: 256 }, (_, place) => parseInt(order.slice(place * 2, place * 2 + 2), 16));
const rank = new Uint8Array(128);
for (let index = 0; index < ${LETTERS.length}; index++) rank[letters.charCodeAt(index)] = index;
const bytes = new Uint8Array(${bytes.length});
for (let from = 0, to = 0; to < ${bytes.length}; to++) {
  let place = rank[text.charCodeAt(from++)];
  place = place < ${PAIRS} ? ${SINGLES} + place * ${LETTERS.length} + rank[text.charCodeAt(from++)] : place - ${PAIRS};
  bytes[to] = byteAt[place];
}
export default new WebAssembly.Module(bytes);
`;
}
