/** Noticing a fal key in a text that must not hold one. */

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
