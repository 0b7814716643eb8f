/** One key went through everything that was tested. Here is looked for it, in all that was said meanwhile. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { files } from "../../scripts/lib/stamp.mjs";
import { ADMIN_KEY, KEY, KEY_SECRET, OTHER_KEY } from "../lib/keys.mjs";

const read = (/** @type {string} */ file) => readFileSync(file, "latin1");

test("the search would find it", () => {
  const hidden = [
    KEY,
    `Key ${KEY}`,
    `{"key":"${KEY_SECRET}"}`,
    KEY.toUpperCase(),
    encodeURIComponent(KEY),
    ...["", "a", "ab"].map((prefix) => Buffer.from(`${prefix}Key ${KEY}.`).toString("base64")),
    ...["", "a", "ab"].map((prefix) => Buffer.from(`${prefix}${KEY_SECRET}.`).toString("base64")),
  ];
  for (const text of hidden) assert.ok(isSeen(`before ${text} after`, formsOf(KEY)), text.length.toString());
  assert.ok(!isSeen("before and after", formsOf(KEY)));
});

test("it appears in no log: of the tests, of the emulator, of what the browsers saw", () => {
  const logs = files(process.env.TEST_LOGS ?? path("target/test-logs"));
  const names = logs.map((file) => file.slice(file.lastIndexOf("/") + 1));
  for (const name of [
    "native.log",
    "chromium.log",
    "workerd.log",
    "node.log",
    "clients.log",
    "package.log",
    "e2e.log",
    "emulator.log",
    "browser.log",
  ]) {
    assert.ok(names.includes(name), `${name} is missing: this runs after the others, in npm test`);
  }
  const forms = [KEY, ADMIN_KEY, OTHER_KEY].flatMap(formsOf);
  for (const file of logs) assert.ok(!isSeen(read(file), forms), file);
});

test("it is in nothing that is published, nor in what apps were built with it", () => {
  for (const file of [...files(path("dist")), ...files(path("target/consumer"))])
    assert.ok(!isSeen(read(file), formsOf(KEY)), file);
});
