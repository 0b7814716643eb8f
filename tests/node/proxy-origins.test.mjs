/** Go's table of cross-origin protection (tests/data/cross-origin.json), as it is called and over a socket. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";
import { toNodeHandler } from "fal-wasm/proxy/node";

import { path } from "../../scripts/lib/run.mjs";
import { door, listening } from "../lib/doors.mjs";

const { own, trusted, calls, trustedOrigins } = JSON.parse(readFileSync(path("tests/data/cross-origin.json"), "utf8"));

let reached = 0;
/** @param {string} origin */
const proxyTrusting = (origin) =>
  createFalProxy({
    authenticate: () => ({ id: "somebody" }),
    allowedEndpoints: ["fal-ai/**"],
    trustedOrigins: [origin],
    ownership: false,
    credentials: "id:secret",
    fetch: async () => ((reached += 1), Response.json({})),
  });

const RESULT = "https://queue.fal.run/fal-ai/flux/requests/019a0000-0000-7000-8000-000000000000";
/** @type {Record<string, string>} */
const TARGETS = { POST: "https://fal.run/fal-ai/flux/dev", PUT: `${RESULT}/cancel` };

/** Whether a call is let in: answered, and by fal unless it is only a preflight. @param {(request: Request) => Promise<Response>} send @param {any} row */
async function isLetIn(send, { method, site, origin }) {
  reached = 0;
  const headers = {
    "content-type": "application/json",
    "x-fal-target-url": TARGETS[method] ?? RESULT,
    ...(site && { "sec-fetch-site": site }),
    ...(origin && { origin }),
  };
  const answer = await send(
    new Request(`${own}/api/fal/proxy`, { method, headers, ...(method === "POST" && { body: "{}" }) }),
  );
  assert.equal(reached, answer.ok && method !== "OPTIONS" ? 1 : 0);
  // A page that is not trusted learns nothing from either.
  if (origin !== trusted) assert.equal(answer.headers.get("access-control-allow-origin"), null);
  return answer.ok;
}

const proxy = proxyTrusting(trusted);
const server = createServer(toNodeHandler(proxy, { origin: own }));
const port = await listening(server);
after(() => (server.closeAllConnections(), server.close()));

for (const [way, send] of /** @type {const} */ ([
  ["as it is", proxy],
  ["over a socket", door(port)],
])) {
  test(`who is let in, ${way}`, async () => {
    for (const row of calls) assert.equal(await isLetIn(send, row), row.here ?? row.go, JSON.stringify(row));
  });
}

test("a page of an app on a device is let in by the name that its webview sends, and reads its answers", async () => {
  for (const origin of [
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "http://tauri.localhost",
    "chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh",
    "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
    "app://bundle",
  ]) {
    const call = (/** @type {string} */ method) =>
      new Request(`${own}/api/fal/proxy`, {
        method,
        headers: {
          "content-type": "application/json",
          "x-fal-target-url": TARGETS["POST"] ?? "",
          "sec-fetch-site": "cross-site",
          origin,
        },
        ...(method === "POST" && { body: "{}" }),
      });
    for (const method of ["OPTIONS", "POST"]) {
      const answer = await proxyTrusting(origin)(call(method));
      assert.ok(answer.ok, origin);
      assert.equal(answer.headers.get("access-control-allow-origin"), origin);
      assert.equal(answer.headers.get("access-control-allow-credentials"), null);
    }
    assert.equal((await proxyTrusting("https://app.example")(call("POST"))).status, 403, origin);
  }
});

test("which origins can be trusted", () => {
  for (const { origin, go, here = go } of trustedOrigins) {
    if (here) assert.ok(proxyTrusting(origin));
    else assert.throws(() => proxyTrusting(origin), { code: "invalid_option" }, origin);
  }
});
