/** What is a key in a text is found, and where it stands: the expressions are those the core's scanners are held against. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isKey } from "../../target/modules/edge/core/texts.js";
import { keysIn } from "../../dist/cli/search.js";
import { KEY, KEY_ID, KEY_SECRET } from "../lib/keys.mjs";

const WRITTEN = {
  plain: KEY,
  "percent-encoded": KEY.replace(":", "%3a"),
  "in capitals": KEY.replace(":", "%3A").toUpperCase(),
  "in a URL": `https://a.example/?key=${KEY_ID}%3A${KEY_SECRET}&x=1`,
  "between digits": `ffff${KEY}ffff`,
};

test("a key of fal's shape is found however it is written", () => {
  for (const [how, text] of Object.entries(WRITTEN)) {
    assert.ok(isKey(text), how);
    const found = [...keysIn(`${text}\n${text}`)].map(({ key }) => key.toLowerCase());
    assert.deepEqual(found, [KEY, KEY], how);
  }
});

test("any credential in fal's scheme is found, and nothing else", () => {
  for (const text of ["Key a:b", "key  a:b", "KEY ::x"]) assert.ok(isKey(text), text);
  for (const text of [
    "",
    "Key",
    "Key a",
    "Key a:",
    "Key :",
    "Key\ta:b",
    " Key a:b",
    "\u212aey a:b",
    KEY_ID,
    KEY_SECRET,
  ])
    assert.ok(!isKey(text), text);
});
