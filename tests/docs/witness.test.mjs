/** The playground's verdict, that no key is in any request: it is worth something when it finds one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { witnessed } from "../../docs/playground/witness.js";
import { KEY, KEY_SECRET } from "../lib/keys.mjs";

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** @param {object} sent */
async function told(sent) {
  /** @type {any[]} */
  const entries = [];
  const whole = { by: "page", method: "POST", url: "https://app.test/", headers: [], ...sent };
  await witnessed(
    (/** @type {any} */ entry) => entries.push(entry),
    KEY,
    whole,
    async () => new Response(),
  );
  return entries;
}

test("a key is found in a URL, a header or a body, and never told", async () => {
  for (const sent of [
    { url: `https://app.test/?key=${KEY_SECRET}` },
    { headers: [["authorization", `Key ${KEY}`]] },
    { headers: [["authorization", `Basic ${btoa(KEY)}`]] },
    { body: bytes(JSON.stringify({ prompt: KEY })) },
  ]) {
    const entries = await told(sent);
    assert.equal(entries[0].hasKey, true, JSON.stringify(sent));
    assert.ok(!JSON.stringify(entries.map(({ headers }) => headers)).includes(KEY));
  }
  const [sent, answered] = await told({ headers: [["accept", "application/json"]], body: bytes("{}") });
  assert.equal(sent.hasKey, false);
  assert.equal(answered.status, 200);
});
