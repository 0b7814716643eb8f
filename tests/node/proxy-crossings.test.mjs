/** What a proxied call costs at the boundary of the core, and that what an app says is read once. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { crossings } from "../lib/crossings.mjs";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { byHeader, callTo } from "../lib/visitors.mjs";

const { createFalProxy } = await import("fal-wasm/proxy");
const core = await import("../../dist/edge/core.js");

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

const RUN = "https://fal.run/emulator/echo";
const SUBMIT = "https://queue.fal.run/emulator/echo";

/** What a browser sends along. */
const BROWSER = {
  accept: "application/json",
  "accept-encoding": "gzip, deflate, br, zstd",
  "accept-language": "en-US,en;q=0.5",
  cookie: "session=6f1c0d7be5a24b1d9c1e4f3a2b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e",
  referer: "https://app.example/gallery/2026/11/28/a-picture-of-a-cat?from=start",
  "user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0",
  "x-forwarded-for": "2001:db8:85a3::8a2e:370:7334, 2001:db8:85a3::8a2e:370:7335",
};

/** @param {any} [policy] */
const proxyWith = (policy) =>
  createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*"],
    credentials: KEY,
    fetch: emulator.fetch,
    ...policy,
  });

/** @param {any} proxy @param {string} url @param {any} [init] */
const ok = async (proxy, url, { headers, ...init } = {}) => {
  const answer = await proxy(callTo(url, { ...init, headers: { ...BROWSER, ...headers } }));
  assert.ok(answer.ok, `${answer.status} ${await answer.clone().text()}`);
  return answer;
};

test("a run and a status go through the proxy with few calls out of the core, and none of them reads a key", async () => {
  const proxy = proxyWith();
  const submitted = await ok(proxy, SUBMIT);
  const { request_id: id } = await submitted.json();
  const status = { method: "GET", headers: { "x-fal-capability": submitted.headers.get("x-fal-capability") } };
  for (const [name, work] of /** @type {const} */ ([
    ["run", () => ok(proxy, RUN)],
    ["status", () => ok(proxy, `${SUBMIT}/requests/${id}/status`, status)],
  ])) {
    const { total, imports } = await crossings(work);
    assert.ok(total < 60, `${name}: ${total} ${JSON.stringify(imports)}`);
    const read = Object.entries(imports).filter(([name]) => /charCodeAt/.test(name));
    assert.deepEqual(read, [], name);
  }
});

test("a key that a browser sends is still found by the core", async () => {
  const proxy = proxyWith();
  const { imports } = await crossings(async () => {
    const answer = await proxy(callTo(RUN, { headers: { ...BROWSER, "x-note": `see ${KEY}` } }));
    assert.deepEqual([answer.status, (await answer.json()).error.code], [401, "credentials_in_browser"]);
  });
  assert.ok(Object.keys(imports).some((name) => /charCodeAt/.test(name)));
});

test("policy, input rules and prices are parsed when the proxy is made, and never again", async () => {
  const patterns = Array.from({ length: 50 }, (_, number) => `other/app-${number}/**`);
  /** @type {any} */
  let proxy;
  const parsed = (/** @type {Record<string, number>} */ exports) => [exports.proxygate_new, exports.patterntable_new];
  const made = await crossings(async () => {
    const { memoryLimits } = await import("fal-wasm/limits");
    proxy = proxyWith({
      allowedEndpoints: ["emulator/*", ...patterns],
      inputs: Object.fromEntries(["emulator/*", ...patterns].map((pattern) => [pattern, { steps: { max: 50 } }])),
      limits: { store: memoryLimits(), spending: { max: 5, prices: { "emulator/*": 0.001 } } },
    });
  });
  assert.deepEqual(parsed(made.exports), [1, 2]);
  const called = await crossings(async () => {
    for (let round = 0; round < 3; round += 1) await ok(proxy, RUN);
  });
  assert.deepEqual(parsed(called.exports), [undefined, undefined]);
});

test("a proxy goes on after the core was lost to a trap", async (t) => {
  const proxy = proxyWith({ inputs: { "emulator/*": { steps: { max: 50 } } } });
  await ok(proxy, RUN);
  // A handle that points nowhere: the core reads outside of its memory, and traps for real.
  const { admit } = core.ProxyGate.prototype;
  const lost = t.mock.method(core.ProxyGate.prototype, "admit", function (/** @type {any[]} */ ...args) {
    return Reflect.apply(admit, Object.assign(Object.create(this), { __wbg_ptr: 0x7fff_fff0 }), args);
  });
  assert.equal((await proxy(callTo(RUN))).status, 500);
  lost.mock.restore();
  for (let round = 0; round < 2; round += 1) await ok(proxy, RUN);
  const answer = await proxy(callTo(RUN, { body: JSON.stringify({ steps: 51 }) }));
  assert.equal((await answer.json()).error.code, "input_not_allowed", "its rules hold, too");
});
