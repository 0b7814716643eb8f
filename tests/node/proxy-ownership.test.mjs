/** Whose a request is: what one visitor submits, another can neither read, watch nor cancel. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { stopClock } from "../lib/clock.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY, OTHER_KEY } from "../lib/keys.mjs";
import { byHeader, callTo, said, visitor } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
// No job is done before its status is asked for: then it would be 200 and not 202.
beforeEach(() => emulator.control({ reset: true, clock: "manual" }));
after(() => emulator.stop());

/** @param {any} [policy] */
const proxyWith = (policy) =>
  createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*", "fal-ai/**"],
    credentials: KEY,
    fetch: emulator.fetch,
    ...policy,
  });

const SUBMIT = "https://queue.fal.run/emulator/echo";

/** The four questions about a request. @param {string} id @returns {[string, string][]} */
const questions = (id) => [
  ["GET", `${SUBMIT}/requests/${id}/status`],
  ["GET", `${SUBMIT}/requests/${id}/status/stream`],
  ["GET", `${SUBMIT}/requests/${id}`],
  ["PUT", `${SUBMIT}/requests/${id}/cancel`],
];

/** What a submit brings. @param {any} proxy @param {any} [headers] */
async function submit(proxy, headers) {
  const answer = await proxy(callTo(SUBMIT, { headers }));
  const { request_id: id } = await answer.json();
  return { id, capability: answer.headers.get("x-fal-capability") };
}

test("another visitor's request does not exist", async () => {
  const proxy = proxyWith();
  const { id, capability } = await submit(proxy);
  const before = (await emulator.seen()).requests.length;
  const [named, expires, mac] = capability.split(".");
  const other = await submit(proxy, { "x-visitor": "bob" });
  const forged = [
    undefined,
    "",
    "nonsense",
    other.capability,
    `${named}.${Number(expires) + 1}.${mac}`,
    `${named}.${expires}.${mac.slice(0, -1)}${mac.endsWith("A") ? "B" : "A"}`.replace(/.$/, "_"),
    `${named}.${expires}.${"A".repeat(43)}`,
    `${id}.${other.capability.split(".").slice(1).join(".")}`,
    capability,
  ];
  const unknown = [...Array(4)].map(() => [404, "request_not_found"]);
  for (const shown of forged) {
    const headers = { "x-visitor": "bob", ...(shown !== undefined && { "x-fal-capability": shown }) };
    const answers = questions(id).map(async ([method, url]) => said(await proxy(callTo(url, { method, headers }))));
    assert.deepEqual(await Promise.all(answers), unknown, String(shown));
  }
  const nowhere = questions("00000000-0000-4000-8000-000000000000");
  for (const [method, url] of nowhere) {
    const [real, made] = await Promise.all(
      [url, url.replace(/0{8}/, "1")].map(async (url) => (await proxy(callTo(url, { method }))).json()),
    );
    assert.deepEqual(
      { ...real.error, requestId: "" },
      { ...made.error, requestId: "" },
      "an unknown id looks the same",
    );
  }
  assert.equal((await emulator.seen()).requests.length, before + 1, "nothing but the other submit reached fal");
});

test("one's own request answers to its capability, in every way", async () => {
  const proxy = proxyWith();
  for (const place of [0, 1, 2, 3]) {
    const { id, capability } = await submit(proxy);
    const [method, url] = questions(id)[place];
    const answer = await proxy(callTo(url, { method, headers: { "x-fal-capability": capability } }));
    assert.notEqual(answer.status, 404, url);
    await answer.body?.cancel();
  }
});

test("the client carries it by itself, also over a reload", async () => {
  await emulator.control({ clock: "real" });
  const proxy = proxyWith();
  const ann = visitor(proxy, "ann");
  assert.deepEqual((await ann.subscribe("emulator/echo", { input: { a: 1 }, mode: "polling" })).data.input, { a: 1 });
  assert.deepEqual((await ann.subscribe("emulator/echo", { input: { a: 2 } })).data.input, { a: 2 });
  const { request_id: requestId } = await ann.queue.submit("emulator/echo", { input: { a: 3 } });
  for await (const _ of await ann.queue.streamStatus("emulator/echo", { requestId }));
  assert.deepEqual((await ann.queue.result("emulator/echo", { requestId })).data.input, { a: 3 });
  const saved = JSON.stringify(ann.queue.handle("emulator/echo", requestId));

  const reloaded = visitor(proxy, "ann");
  const lost = await failureOf(reloaded.queue.result("emulator/echo", { requestId }));
  assert.deepEqual([lost.status, lost.code], [404, "request_not_found"]);
  assert.deepEqual((await reloaded.queue.handle(JSON.parse(saved)).result()).data.input, { a: 3 });

  const bob = visitor(proxy, "bob");
  const stolen = await failureOf(bob.queue.handle(JSON.parse(saved)).result());
  assert.deepEqual([stolen.status, stolen.code], [404, "request_not_found"], "a capability is of no use to another");
});

test("a capability ends with its time", async (t) => {
  const clock = stopClock(t);
  const proxy = proxyWith({ ownership: { expirationSeconds: 1 } });
  const { id, capability } = await submit(proxy);
  const [, url] = questions(id)[0];
  const ask = () => proxy(callTo(url, { method: "GET", headers: { "x-fal-capability": capability } }));
  assert.equal((await ask()).status, 202);
  clock.pass(2_000);
  assert.deepEqual(await said(await ask()), [404, "request_not_found"]);
});

test("it is signed with the app's secret, else with what is made of the fal key", async () => {
  const secret = "a secret of the app's own, long enough";
  const { id, capability } = await submit(proxyWith({ secret }));
  const [, url] = questions(id)[0];
  const ask = async (/** @type {any} */ policy, /** @type {any} */ env) =>
    (
      await createFalProxy({
        authenticate: byHeader,
        allowedEndpoints: ["emulator/*"],
        fetch: emulator.fetch,
        ...policy,
      })(callTo(url, { method: "GET", headers: { "x-fal-capability": capability } }), env)
    ).status;
  assert.equal(await ask({ credentials: OTHER_KEY, secret }), 404, "fal's own 404, for another account");
  assert.notEqual((await emulator.seen()).requests.at(-1).status, undefined);
  assert.equal(await ask({ secret: () => secret }, { FAL_KEY: KEY }), 202);
  assert.equal(await ask({}, { FAL_KEY: KEY, FAL_PROXY_SECRET: secret }), 202);
  assert.equal(await ask({}, { FAL_KEY: KEY, FAL_PROXY_SECRET: { get: async () => secret } }), 202);
  const before = (await emulator.seen()).requests.length;
  assert.equal(await ask({ credentials: KEY, secret: `${secret}!` }), 404);
  assert.equal(await ask({ credentials: KEY }), 404);
  assert.equal(await ask({}, { FAL_KEY: KEY, FAL_PROXY_SECRET: "short" }), 500, "a secret that could be guessed");
  assert.equal((await emulator.seen()).requests.length, before);
});

test("a secret that is too short runs nothing", async () => {
  const proxy = proxyWith({ secret: () => "short" });
  assert.deepEqual(await said(await proxy(callTo(SUBMIT))), [500, "misconfigured"]);
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("while one key replaces another, what the old one signed is believed", async () => {
  const { id, capability } = await submit(proxyWith());
  const [, url] = questions(id)[0];
  const ask = async (/** @type {any} */ credentials) =>
    (await proxyWith({ credentials })(callTo(url, { method: "GET", headers: { "x-fal-capability": capability } })))
      .status;
  assert.deepEqual([await ask([OTHER_KEY, KEY]), await ask([KEY, OTHER_KEY])], [404, 202]);
  assert.equal(
    (await emulator.seen()).requests.length,
    3,
    "both were believed; of the other account fal knows nothing",
  );
});

test("switched off, anybody with the id may ask", async () => {
  const proxy = proxyWith({ ownership: false });
  const { id, capability } = await submit(proxy);
  assert.equal(capability, null);
  const [, url] = questions(id)[0];
  assert.equal((await proxy(callTo(url, { method: "GET", headers: { "x-visitor": "bob" } }))).status, 202);
});
