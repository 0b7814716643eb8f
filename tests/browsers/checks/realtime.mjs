/** Realtime in a page: with tokens from the app's own proxy. */

import assert from "node:assert/strict";

/** @type {Record<string, import("./index.mjs").Check>} */
export const realtime = {
  "a picture that is drawn with every stroke arrives as bytes a page can show": async ({ inPage }) => {
    assert.deepEqual(await inPage("realtime.js", "draws"), [32, 32]);
  },

  "messages come back as they went, with one token from the proxy": async ({ emulator, inPage }) => {
    const { results } = await inPage("realtime.js", "echoes");
    assert.deepEqual(
      results,
      [1, 2, 3, 4, 5].map((n) => ({ n, text: "é🍺", list: [n, null, true, n / 2] })),
    );
    const { requests, sockets } = await emulator.seen();
    assert.equal(sockets.length, 1);
    const tokens = requests.filter((/** @type {any} */ { path }) => path.startsWith("/tokens"));
    assert.deepEqual(
      tokens.map((/** @type {any} */ { path, authorized }) => [path, authorized]),
      [["/tokens/realtime", true]],
    );
  },

  "JSON codecs work as in the official client": async ({ inPage }) => {
    assert.deepEqual(await inPage("realtime.js", "speaksJson"), { results: [{ a: 1 }] });
  },

  "text and bytes do not overtake each other": async ({ inPage }) => {
    const { results } = await inPage("realtime.js", "keepsOrder");
    assert.deepEqual(
      results.map((/** @type {any} */ { n }) => n),
      [1, 2, 3, 4, 5, 6],
    );
  },

  "an endpoint that the proxy does not open says so": async ({ emulator, inPage }) => {
    const { error } = await inPage("realtime.js", "closed");
    assert.deepEqual([error.code, error.status], ["endpoint_not_allowed", 403]);
    assert.equal((await emulator.seen()).requests.length, 0);
  },

  "a page with a token provider of its own needs no proxy": async ({ inPage }) => {
    assert.deepEqual(await inPage("realtime.js", "withoutProxy"), { results: [{ a: 1 }] });
  },

  "what a browser cannot do is refused with a reason": async ({ inPage }) => {
    assert.deepEqual(await inPage("realtime.js", "refuses"), [
      "proxy_url_missing",
      "server_only",
      "credentials_in_browser",
    ]);
  },
};
