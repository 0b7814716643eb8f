/**
 * What can be told of a key without the core, which reads a text one character at a time. Both functions only answer where the
 * answer is certain; in doubt the core decides.
 */

import { isKey } from "#core";

/**
 * Beginnings of what the core takes for a key (src/access/key.rs): the scheme `Key `, or the end of a UUID, a colon, which may
 * be percent-encoded, and 32 hexadecimal digits.
 */
const MAY_BE_KEY = /^key |[\da-f]{12}(?::|%3a)[\da-f]{32}/i;

/**
 * Whether the core has to look at a text. False for nearly every header and URL, so that they are not read by the core one
 * character at a time; never false for a text in which the core would find a key.
 */
export const mayHoldKey = (text: string): boolean => MAY_BE_KEY.test(text);

/** Whether a text holds a fal key. The text itself never enters the memory of the core. */
export const holdsKey = (text: string): boolean => mayHoldKey(text) && isKey(text);

/** The shape of the keys that fal issues: a UUID, a colon, and 32 hexadecimal digits. */
const ISSUED_KEY = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}:[\da-f]{32}$/i;

/** Whether a text has the shape of the keys that fal issues. The core accepts every such key, and others as well. */
export const isIssuedKey = (text: string): boolean => ISSUED_KEY.test(text);
