/** Looking for a key where it must not be. */

/**
 * The forms in which a key could show: whole, its halves, and each of them in base64 (at its three alignments) and
 * percent-encoded.
 *
 * @param {string} key `id:secret`
 * @returns {string[]}
 */
export function formsOf(key) {
  const plain = [key, ...key.split(":")];
  const encoded = plain.flatMap((text) => [0, 1, 2].map((shift) => inner(text, shift)));
  return [...new Set([...plain, encodeURIComponent(key), ...encoded])];
}

/** The part of a text's base64 that does not depend on what stands around it. @param {string} text @param {number} shift */
function inner(text, shift) {
  const bytes = Buffer.from("\0".repeat(shift) + text);
  const whole = bytes.subarray(shift === 0 ? 0 : 3, bytes.length - (bytes.length % 3));
  return whole.toString("base64");
}

/**
 * Whether any form of a key is in a text. Letters of either case count.
 *
 * @param {string} text
 * @param {string[]} forms
 */
export function isSeen(text, forms) {
  const lower = text.toLowerCase();
  return forms.some((form) => text.includes(form) || lower.includes(form.toLowerCase()));
}
