/** How often the core calls JavaScript for one call through the proxy: each time costs, and most of them are avoidable. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { changeInstances } from "../lib/instances.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

/** The most that one call may take. */
const MOST = 60;

/** Calls, by the names of what was called. @type {Record<string, number>} */
const calls = {};
changeInstances({
  imports: (name, imported) =>
    function (/** @type {any[]} */ ...args) {
      calls[name] = (calls[name] ?? 0) + 1;
      return imported(...args);
    },
});
const { createFalProxy } = await import("fal-wasm/proxy");

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

const proxy = createFalProxy({
  authenticate: () => ({ id: "ann" }),
  allowedEndpoints: ["emulator/*"],
  credentials: KEY,
  fetch: emulator.fetch,
});

/** What Chrome sends from a page of the same origin. */
const HEADERS = {
  accept: "application/json",
  "accept-encoding": "gzip, deflate, br, zstd",
  "accept-language": "en-GB,en;q=0.9,de;q=0.8",
  "cache-control": "no-cache",
  cookie: "session=2f6b1c0e9d; theme=dark",
  host: "app.example",
  origin: "https://app.example",
  pragma: "no-cache",
  priority: "u=1, i",
  referer: "https://app.example/studio",
  "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
  "sec-ch-ua-mobile": "?0",
  "sec-ch-ua-platform": '"macOS"',
  "sec-fetch-dest": "empty",
  "sec-fetch-mode": "cors",
  "sec-fetch-site": "same-origin",
  "user-agent":
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
};

/** @param {string} target @param {any} [init] @param {any} [headers] */
async function visit(target, init, headers) {
  const request = new Request("https://app.example/api/fal/proxy", {
    ...init,
    headers: { ...HEADERS, "x-fal-target-url": target, ...headers },
  });
  for (const name of Object.keys(calls)) Reflect.deleteProperty(calls, name);
  const answer = await proxy(request);
  const body = await answer.json();
  assert.ok(answer.ok, JSON.stringify(body));
  return { answer, body, calls: { ...calls } };
}

/** @param {string} target */
const post = (target) =>
  visit(target, { method: "POST", body: '{"prompt":"a cat"}' }, { "content-type": "application/json" });

/** @param {Record<string, number>} calls */
function assertFew(calls) {
  const sum = Object.values(calls).reduce((total, count) => total + count, 0);
  const most = Object.entries(calls).sort(([, one], [, other]) => other - one);
  assert.ok(sum > 0, "they are counted");
  assert.ok(sum <= MOST, `${sum} calls: ${most.map(([name, count]) => `${count} ${name}`).join(", ")}`);
}

test("a run through the proxy takes few calls into JavaScript", async () => {
  await post("https://fal.run/emulator/echo");
  assertFew((await post("https://fal.run/emulator/echo")).calls);
});

test("a status through the proxy takes few calls into JavaScript", async () => {
  const { answer, body } = await post("https://queue.fal.run/emulator/echo");
  const capability = answer.headers.get("x-fal-capability");
  assertFew(
    (
      await visit(
        `https://queue.fal.run/emulator/echo/requests/${body.request_id}/status`,
        {},
        capability && { "x-fal-capability": capability },
      )
    ).calls,
  );
});
