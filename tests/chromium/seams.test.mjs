/** Middleware, proxies and retries in a page in a real Chromium. */

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { openSite } from "./site.mjs";

const { emulator, enter, inPage, close } = await openSite("chromium-seams");
const call = (/** @type {string} */ name) => inPage("seams.js", name);

before(enter);
beforeEach(() => emulator.control({ reset: true }));
after(close);

test("middleware in a page cannot send a key, nor a request past the proxy", async () => {
  const proxy = "/api/fal/proxy";
  const endpoint = "https://fal.run/a/b";
  assert.deepEqual(await call("middleware"), {
    elsewhere: { code: "done", sent: [[proxy, "https://evil.example/x", "1"]] },
    keyed: { code: "credentials_in_browser", sent: [] },
    inUrl: { code: "credentials_in_browser", sent: [] },
    toFal: { code: "proxy_url_invalid", sent: [] },
    throws: { code: "my own", sent: [] },
    noProxy: { code: "proxy_url_missing", sent: [] },
    proxied: { code: "done", sent: [["/other", endpoint, ""]] },
  });
});

test("a proxy that middleware leads to works like the one of the configuration", async () => {
  await emulator.control({ queue: { ahead: 4, step_ms: 300 } });
  assert.deepEqual(await call("throughTheProxy"), {
    input: { a: 1 },
    full: [429, "rate_limited"],
    queued: "IN_QUEUE",
  });
});

test("what Chromium says of a lost connection is known: safe calls are tried again, others when told to", async () => {
  assert.deepEqual(await call("nobodyThere"), [
    ["connection_lost", 1, true],
    ["connection_lost", 3, true],
    ["connection_lost", 3, true],
  ]);
});
