/** Middleware, proxies and retries in a page. */

import assert from "node:assert/strict";

/** @type {Record<string, import("./index.mjs").Check>} */
export const seams = {
  "middleware in a page cannot send a key, nor a request past the proxy": async ({ inPage }) => {
    const proxy = "/api/fal/proxy";
    const endpoint = "https://fal.run/a/b";
    assert.deepEqual(await inPage("seams.js", "middleware"), {
      elsewhere: { code: "done", sent: [[proxy, "https://evil.example/x", "1"]] },
      keyed: { code: "credentials_in_browser", sent: [] },
      inUrl: { code: "credentials_in_browser", sent: [] },
      toFal: { code: "proxy_url_invalid", sent: [] },
      throws: { code: "my own", sent: [] },
      noProxy: { code: "proxy_url_missing", sent: [] },
      proxied: { code: "done", sent: [["/other", endpoint, ""]] },
    });
  },

  "a proxy that middleware leads to works like the one of the configuration": async ({ emulator, inPage }) => {
    await emulator.control({ queue: { ahead: 4, step_ms: 300 } });
    assert.deepEqual(await inPage("seams.js", "throughTheProxy"), {
      input: { a: 1 },
      full: [429, "rate_limited"],
      queued: "IN_QUEUE",
    });
  },

  "what a browser says of a lost connection is known: safe calls are tried again, others when told to": async ({
    inPage,
  }) => {
    assert.deepEqual(await inPage("seams.js", "nobodyThere"), [
      ["connection_lost", 1, true],
      ["connection_lost", 3, true],
      ["connection_lost", 3, true],
    ]);
  },
};
