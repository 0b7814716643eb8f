/**
 * WebAssembly as text in a module.
 *
 * base64 puts three bytes into four letters, so that what repeats in the bytes does not repeat in the text, and a
 * compressed page pays 30 % for it. Here a run of bytes that are frequent are one letter each and the rest two, so what
 * repeats still does. Measured on the browser build (brotli 11): bytes 7,046 B, this 7,475, the most frequent bytes by a
 * table 7,607, base64 8,900.
 */

/** Letters from `#` to `~` without those that end a script or escape in a string. */
const FIRST = 35;
const LAST = 126;
const [LESS, BACKSLASH] = [60, 92];
const LETTERS = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index)
  .filter((code) => code !== LESS && code !== BACKSLASH)
  .map((code) => String.fromCharCode(code));

/** Letters that begin a pair; the others are a byte of their own. */
const PAIRS = 2;
const BASE = LETTERS.length;
const SINGLES = BASE - PAIRS;

/** @param {Uint8Array} bytes @param {number} shift What is added to each, so that the frequent ones are the small ones. */
const written = (bytes, shift) =>
  Array.from(bytes, (byte) => {
    const number = (byte + shift) % 256;
    if (number < SINGLES) return LETTERS[PAIRS + number];
    const rest = number - SINGLES;
    return `${LETTERS[Math.floor(rest / BASE)]}${LETTERS[rest % BASE]}`;
  }).join("");

/**
 * A module whose default export gives the compiled module. Nothing is compiled before: where it must not be, only a call fails.
 *
 * @param {Uint8Array} bytes
 */
export function inlined(bytes) {
  const texts = Array.from({ length: 256 }, (_, shift) => written(bytes, shift));
  const text = texts.reduce((shortest, text) => (text.length < shortest.length ? text : shortest));
  return `// Made by scripts/lib/inline.mjs: bytes in a run are one letter, the rest two.
const text =
  "${text}";
let compiled;
function compile() {
let from = 0;
const letter = () => {
  const code = text.charCodeAt(from++);
  return code - ${FIRST} - (code > ${LESS}) - (code > ${BACKSLASH});
};
const bytes = new Uint8Array(${bytes.length});
for (let to = 0; to < ${bytes.length}; to++) {
  const first = letter();
  bytes[to] = (first < ${PAIRS} ? first * ${BASE} + letter() + ${SINGLES} : first - ${PAIRS}) - ${texts.indexOf(text)};
}
return new WebAssembly.Module(bytes);
}
export default () => (compiled ??= compile());
`;
}
