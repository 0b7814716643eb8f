/** Texts that cannot hold a key are not read one character at a time: that filter never skips one in which the core finds a key. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import * as core from "../../dist/edge/core.js";
import { endOfKey, isKey } from "../../dist/edge/core/texts.js";
import { KEY, KEY_ID, KEY_SECRET } from "../lib/keys.mjs";

/** Where what is wanted is first found by looking at every character; 0 when it is not. @param {string} text @param {number} wanted */
function scanned(text, wanted) {
  core.beginKeyScan();
  for (let index = 0; index < text.length; index += 1) {
    if (core.scanKey(text.charCodeAt(index)) & wanted) return index + 1;
  }
  return 0;
}

/** A key's shape is 1, fal's scheme 2. */
const ANY = 3;
const SHAPE = 1;

const hex = (/** @type {number} */ size) =>
  fc
    .array(fc.constantFrom(..."0123456789abcdefABCDEF"), { minLength: size, maxLength: size })
    .map((digits) => digits.join(""));
const uuid = fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map((groups) => groups.join("-"));
const colon = fc.constantFrom(":", "%3A", "%3a");
const noise = fc.oneof(
  fc.constantFrom("", "-", "%", "%3", "3a", "a", "F", " ", "  ", "\n", "\t", "é", "\u212a", "\ud83d", "="),
  fc.constantFrom("https://fal.run/", "?key=", "Bearer ", "%253A", "::", KEY_ID, KEY_SECRET),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const scheme = fc.constantFrom("Key ", "key ", "KEY ", "kEy  ", "Key\t", "Key", " Key ", "Key a", "Key a:", "Key :");
const key = fc.tuple(uuid, colon, hex(32)).map((parts) => parts.join(""));
const piece = fc.oneof(
  { arbitrary: noise, weight: 2 },
  { arbitrary: fc.oneof(uuid, colon, scheme, key, hex(4), hex(8), hex(12), hex(31), hex(32)), weight: 3 },
);
/** Also those that are nearly one: with a character less, more, or other. */
const damaged = fc
  .tuple(key, fc.nat(75), fc.nat(1), fc.constantFrom("", "0", "g", "-", ":", "%3A", "é"))
  .map(([text, at, gone, instead]) => text.slice(0, at) + instead + text.slice(at + gone));
const texts = fc.oneof(
  { arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")), weight: 3 },
  { arbitrary: fc.tuple(noise, damaged, noise).map((pieces) => pieces.join("")), weight: 2 },
  { arbitrary: fc.tuple(scheme, noise, colon, noise).map((pieces) => pieces.join("")), weight: 1 },
);

test("what the core finds in a text is found, where it ends, and nothing else is", () => {
  const found = { shape: 0, scheme: 0, nothing: 0 };
  fc.assert(
    fc.property(texts, (text) => {
      const [any, shape] = [scanned(text, ANY), scanned(text, SHAPE)];
      found[shape ? "shape" : any ? "scheme" : "nothing"] += 1;
      assert.deepEqual([isKey(text), endOfKey(text)], [any > 0, shape]);
    }),
    {
      numRuns: 20_000,
      examples: [[KEY], [`Key ${KEY}`], ["Key a:b"], [KEY.replace(":", "%3a").toUpperCase()], [`ffff${KEY}ffff`]],
    },
  );
  for (const [what, count] of Object.entries(found)) assert.ok(count > 500, `${count} texts with ${what}`);
});
