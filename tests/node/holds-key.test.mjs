/** A shortcut around the core's look at keys must never give another answer than the core: a leaked key would go unnoticed. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { holdsKey, isIssuedKey, mayHoldKey } from "../../dist/edge/client/holds-key.js";
import { isKey, keyProblem } from "../../dist/edge/core.js";
import { KEY, KEY_ID, KEY_SECRET, OTHER_KEY } from "../lib/keys.mjs";

const runs = { numRuns: 3_000 };

const hex = (/** @type {number} */ length) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: length, maxLength: length });

/** Parts that keys are made of, whole and almost whole, and what stands around them. */
const part = fc.oneof(
  fc.constantFrom(KEY, OTHER_KEY, KEY_ID, KEY_SECRET, KEY.toUpperCase(), KEY.replace(":", "%3a"), KEY_ID.slice(1)),
  fc.constantFrom(
    ":",
    "%3A",
    "%3a",
    "%3",
    "-",
    "Key ",
    "kEy  ",
    "key",
    " ",
    "a:b",
    "K",
    "\u212aey a:b",
    "é",
    "\ud800",
    "?k=",
  ),
  hex(4),
  hex(8),
  hex(12),
  hex(32),
  fc.string({ unit: "binary", maxLength: 5 }),
);
const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));

test("a text in which the core finds a key is never skipped", () => {
  let found = 0;
  fc.assert(
    fc.property(text, (value) => {
      const isFound = isKey(value);
      found += Number(isFound);
      assert.equal(holdsKey(value), isFound);
      assert.ok(!isFound || mayHoldKey(value));
    }),
    runs,
  );
  assert.ok(found > 100, `of all texts ${found} hold a key`);
});

test("keys are noticed wherever they hide", () => {
  for (const value of [KEY, `Key ${KEY}`, "key a:b", `https://a.example/?k=${KEY.replace(":", "%3A")}`, `ff${KEY}ff`]) {
    assert.ok(holdsKey(value), value.replaceAll(KEY_SECRET, "…"));
  }
});

test("usual headers and URLs are not read by the core at all", () => {
  for (const value of [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0",
    `https://queue.fal.run/fal-ai/flux/requests/${KEY_ID}/status?logs=1`,
    "http://localhost:3000/app?redirect=https%3A%2F%2Fapp.example%2Fa%2Fb%2Fc%2Fd%2Fe%2Ff%2Fg%2Fh",
    "2001:db8:85a3::8a2e:370:7334, 2001:db8:85a3::8a2e:370:7335, 2001:db8:85a3::8a2e:370:7336",
    `session=${KEY_SECRET}${KEY_SECRET}`,
  ]) {
    assert.ok(!mayHoldKey(value), value);
  }
});

test("what is taken for a key without the core is one for the core, too", () => {
  const issued = fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12), hex(32)).map((parts) => {
    const [secret, ...id] = [parts.pop(), ...parts];
    return `${id.join("-")}:${secret}`;
  });
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(issued, text), (value) => {
      if (!isIssuedKey(value)) return;
      taken += 1;
      assert.equal(keyProblem(value, false), 0);
    }),
    runs,
  );
  assert.ok(taken > 100, `${taken} were taken`);
  for (const value of [`${KEY}\n`, ` ${KEY}`, `${KEY}0`, KEY.slice(1), `Key ${KEY}`]) assert.ok(!isIssuedKey(value));
});
