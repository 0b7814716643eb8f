/**
 * WebAssembly as text in a module.
 *
 * base64 puts three bytes into four letters, so that what repeats in the bytes does not repeat in the text, and a
 * compressed page pays 30 % for it. Here a small byte, which nearly all are, is one letter and any other two, so what
 * repeats still does. What the core adds to a page (brotli 11): as bytes 6,042 B, as this 6,093, as hex 6,402, as base64
 * 7,602. With the most frequent bytes as one letter it is 6,107 and a table of them.
 */

/** Letters from the space to `~` without those that end a script or a string, or escape in one. */
const FIRST = 32;
const LAST = 126;
const NONE = [...'"<\\'].map((letter) => letter.charCodeAt(0));
const LETTERS = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index)
  .filter((code) => !NONE.includes(code))
  .map((code) => String.fromCharCode(code));

/** Letters that begin a pair; the others are a byte of their own. */
const PAIRS = 2;
const BASE = LETTERS.length;
const SINGLES = BASE - PAIRS;

/** @param {number} byte */
function written(byte) {
  if (byte < SINGLES) return LETTERS[PAIRS + byte];
  const rest = byte - SINGLES;
  return `${LETTERS[Math.floor(rest / BASE)]}${LETTERS[rest % BASE]}`;
}

/**
 * A module whose default export gives the compiled module. Nothing is compiled before: where it must not be, only a call fails.
 *
 * @param {Uint8Array} bytes
 */
export const inlined = (bytes) => `// Made by scripts/lib/inline.mjs: small bytes are one letter, the rest two.
const text =
  "${Array.from(bytes, written).join("")}";
let compiled;
function compile() {
let from = 0;
const letter = () => {
  const code = text.charCodeAt(from++);
  return code - ${FIRST}${NONE.map((none) => ` - (code > ${none})`).join("")};
};
const bytes = new Uint8Array(${bytes.length}).map(() => {
  const first = letter();
  return first < ${PAIRS} ? first * ${BASE} + letter() + ${SINGLES} : first - ${PAIRS};
});
return new WebAssembly.Module(bytes);
}
export default () => (compiled ??= compile());
`;
