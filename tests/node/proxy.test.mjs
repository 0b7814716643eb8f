/** The proxy on a server: its decisions, who may pass, and what passes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, beforeEach, test } from "node:test";

import * as official from "@fal-ai/client";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { arrivalsOf, stopClock } from "../lib/clock.mjs";
import { assertSilent, failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { decideAll } from "../lib/vectors.mjs";

const suite = JSON.parse(readFileSync(new URL("../data/proxy-vectors.json", import.meta.url), "utf8"));
const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const policy = {
  authenticate: () => ({ id: "somebody" }),
  allowedEndpoints: ["emulator/*", "fal-ai/**"],
  credentials: KEY,
  fetch: emulator.fetch,
};
const target = "https://fal.run/emulator/echo";

/** A call from the app's own page. @param {any} [headers] @param {any} [init] */
const call = (headers, init) =>
  new Request("https://app.example/api/fal/proxy", {
    method: "POST",
    headers: { "content-type": "application/json", "x-fal-target-url": target, ...headers },
    body: "{}",
    ...init,
  });

/** Status and code of a refusal. @param {Response} answer */
const said = async (answer) => [answer.status, (await answer.json()).error?.code];

test("every vector is decided as it must be", async () => {
  assert.deepEqual(await decideAll(createFalProxy, suite), []);
});

test("nobody is somebody only when the app says so", async () => {
  const nobodies = [
    () => null,
    () => undefined,
    () => ({}),
    () => ({ id: "" }),
    () => true,
    () => "ann",
    async () => null,
  ];
  for (const authenticate of /** @type {any[]} */ (nobodies)) {
    assert.deepEqual(
      await said(await createFalProxy({ ...policy, authenticate })(call())),
      [401, "unauthenticated"],
      String(authenticate),
    );
  }
  const failing = [
    () => {
      throw new Error("database down");
    },
    () => Promise.reject(new Error("database down")),
  ];
  for (const authenticate of /** @type {any[]} */ (failing)) {
    assert.deepEqual(
      await said(await createFalProxy({ ...policy, authenticate })(call())),
      [503, "authentication_unavailable"],
      "nobody knows who asks",
    );
  }
  assert.equal((await emulator.seen()).requests.length, 0);
  assert.equal((await createFalProxy(policy)(call())).status, 200);
});

test("who takes too long to say who asks lets nobody in", async (t) => {
  const clock = stopClock(t);
  const authenticate = /** @type {any} */ (() => new Promise(() => {}));
  const answer = createFalProxy({ ...policy, authenticate })(call());
  await clock.armed(10_000);
  clock.pass(10_000);
  assert.deepEqual(await said(await answer), [503, "authentication_unavailable"]);
});

test("a proxy without policy cannot be made", () => {
  const wrong = [
    ["authenticate", { ...policy, authenticate: undefined }],
    ["allowedEndpoints", { ...policy, allowedEndpoints: undefined }],
    ["allowedEndpoints", { ...policy, allowedEndpoints: [] }],
    ["allowedEndpoints", { ...policy, allowedEndpoints: ["**"] }],
    ["allowedEndpoints", { ...policy, allowedEndpoints: "fal-ai/**" }],
    ["trustedOrigins", { ...policy, trustedOrigins: ["*"] }],
    ["trustedOrigins", { ...policy, trustedOrigins: ["https://app.example/"] }],
    ["forwardHeaders", { ...policy, forwardHeaders: ["cookie"] }],
  ];
  for (const [option, options] of /** @type {[string, any][]} */ (wrong)) {
    assert.throws(() => createFalProxy(options), { code: "invalid_option", message: new RegExp(`\`${option}\``) });
  }
});

test("what says who the visitor is never leaves, and what fal sets never arrives", async () => {
  const headers = {
    authorization: "Bearer visitor-session",
    cookie: "session=1",
    "x-forwarded-for": "10.0.0.1",
    "x-fal-queue-priority": "low",
  };
  await emulator.control({
    faults: [
      {
        match: {},
        times: 1,
        then: {
          status: 200,
          headers: {
            "set-cookie": "a=b",
            "cache-control": "public, max-age=60",
            "content-type": "application/json",
            "x-fal-request-id": "r1",
            server: "x",
          },
          body: "{}",
        },
      },
    ],
  });
  const answer = await createFalProxy(policy)(call(headers));
  const { requests } = await emulator.seen();
  const names = requests[0].headers.filter(
    (/** @type {string} */ name) =>
      ![
        "accept-encoding",
        "accept-language",
        "connection",
        "content-length",
        "host",
        "sec-fetch-mode",
        "transfer-encoding",
      ].includes(name),
  );
  // `fetch` writes two of them for what no cache shall keep.
  assert.deepEqual(names.sort(), ["accept", "authorization", "cache-control", "content-type", "pragma", "user-agent"]);
  assert.equal(requests[0].authorized, true, "and the credential is the proxy's own");
  const back = Object.fromEntries(answer.headers);
  assert.deepEqual([back["set-cookie"], back.server, back["x-fal-request-id"]], [undefined, undefined, "r1"]);
  assert.equal(back["cache-control"], "private, no-store, no-transform");
});

test("headers that the policy names are passed on", async () => {
  const proxy = createFalProxy({ ...policy, forwardHeaders: ["x-fal-request-start-timeout"] });
  await proxy(call({ "x-fal-request-start-timeout": "30", "x-fal-store-io": "0" }));
  assert.deepEqual((await emulator.seen()).requests[0].fal_headers, [["x-fal-request-start-timeout", "30"]]);
});

test("a page of a trusted origin may read the answer, another may not", async () => {
  const proxy = createFalProxy({ ...policy, trustedOrigins: ["https://other.example"] });
  const from = (/** @type {string} */ origin, method = "POST") =>
    proxy(
      call({ origin, "sec-fetch-site": "cross-site" }, { method, ...(method === "OPTIONS" && { body: undefined }) }),
    );
  const trusted = await from("https://other.example");
  assert.deepEqual(
    [trusted.status, trusted.headers.get("access-control-allow-origin")],
    [200, "https://other.example"],
  );
  const preflight = await from("https://other.example", "OPTIONS");
  assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-methods")], [204, "GET, POST, PUT"]);
  const evil = await from("https://evil.example");
  assert.deepEqual([evil.status, evil.headers.get("access-control-allow-origin")], [403, null]);
  assert.equal((await from("https://evil.example", "OPTIONS")).headers.get("access-control-allow-origin"), null);
});

test("a proxy without a key says so to nobody in particular", async () => {
  for (const credentials of [undefined, "no key", () => Promise.reject(new Error("store down"))]) {
    const proxy = createFalProxy({ ...policy, credentials, env: {} });
    assert.deepEqual(await said(await proxy(call())), [500, "misconfigured"]);
  }
});

test("the key is in the bindings, or where a platform calls with something else, in the environment", async () => {
  const { credentials: _, ...keyless } = policy;
  const proxy = createFalProxy(keyless);
  process.env.FAL_KEY = KEY;
  process.env.FAL_PROXY_SECRET = "too short";
  try {
    for (const second of [undefined, { params: Promise.resolve({}) }, { port: 3000 }]) {
      assert.equal((await proxy(call(), second)).status, 200, Object.keys(second ?? {}).join());
    }
    const submit = { "x-fal-target-url": "https://queue.fal.run/emulator/echo" };
    assert.deepEqual(await said(await proxy(call(submit))), [500, "misconfigured"], "that secret is read there, too");
    assert.equal((await proxy(call(submit), { FAL_KEY: KEY })).status, 200);
    assert.deepEqual(await said(await proxy(call(), { FAL_KEY: "who:knows" })), [502, "upstream_auth"]);
  } finally {
    for (const name of ["FAL_KEY", "FAL_PROXY_SECRET"]) Reflect.deleteProperty(process.env, name);
  }
});

test("a key that fal refuses is not the visitor's affair", async () => {
  const proxy = createFalProxy({ ...policy, credentials: "who:knows" });
  assert.deepEqual(await said(await proxy(call())), [502, "upstream_auth"]);
  await emulator.control({
    faults: [{ match: {}, times: 1, then: { status: 307, headers: { location: "https://evil.example" } } }],
  });
  assert.deepEqual(await said(await createFalProxy(policy)(call())), [502, "upstream_redirect"]);
  await emulator.control({ faults: [{ match: {}, times: 1, then: { drop: "before" } }] });
  assert.deepEqual(await said(await createFalProxy(policy)(call())), [502, "upstream_broken"]);
});

test("an app's hook that throws does not open anything", async () => {
  const onKeyLeak = () => {
    throw new Error("boom");
  };
  const answer = await createFalProxy({ ...policy, onKeyLeak })(call({ "x-a": KEY }));
  assert.deepEqual(await said(answer), [401, "credentials_in_browser"]);
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("answers stream through: the first event arrives while fal is still speaking", async () => {
  await emulator.control({ clock: "manual" });
  const headers = { accept: "text/event-stream", "x-fal-target-url": "https://fal.run/fal-ai/any-llm/stream" };
  const answer = await createFalProxy(policy)(
    call(headers, { body: JSON.stringify({ prompt: "Why is the sky blue?" }) }),
  );
  assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
  const arrivals = await arrivalsOf(emulator, /** @type {ReadableStream} */ (answer.body));
  assert.ok(arrivals.length > 5, `${arrivals.length} chunks`);
  assert.ok(arrivals[arrivals.length - 1] - arrivals[0] > 200, "all of it came at once");
});

test("a body of 5 MiB streams through", async () => {
  const prompt = "x".repeat(5 * 1024 * 1024);
  const answer = await createFalProxy(policy)(call({}, { body: JSON.stringify({ prompt }) }));
  assert.equal((await answer.json()).input.prompt.length, prompt.length);
});

test("the official client works behind this proxy", async () => {
  const proxy = createFalProxy({ ...policy, ownership: false });
  const fetch = async (/** @type {any} */ url, /** @type {any} */ init) =>
    String(url).startsWith("https://app.example/") ? proxy(new Request(url, init)) : globalThis.fetch(url, init);
  const fal = official.createFalClient({
    credentials: () => undefined,
    fetch,
    proxyUrl: { url: "https://app.example/api/fal/proxy", when: "always" },
  });
  const input = { prompt: "the sea", image_size: "square" };
  assert.equal((await fal.run("fal-ai/flux/schnell", { input })).data.images.length, 1);
  assert.equal((await fal.subscribe("fal-ai/flux/schnell", { input, pollInterval: 30 })).data.images.length, 1);
  const url = await fal.storage.upload(new File(["hello"], "a.txt", { type: "text/plain" }));
  assert.equal(await (await globalThis.fetch(url)).text(), "hello");
  const { request_id: requestId } = await fal.queue.submit("emulator/slow", { input: { seconds: 60 } });
  await fal.queue.cancel("emulator/slow", { requestId });
  const error = await failureOf(fal.run("fal-ai/flux/dev", { input: {} }));
  assert.equal(error.status, 422);
  assert.equal((await failureOf(fal.run("other/app", { input: {} }))).body.error.code, "endpoint_not_allowed");
});

test("a proxy shows its key to nobody", async () => {
  const proxy = createFalProxy(policy);
  assertSilent(proxy, "the handler");
  const answer = await proxy(call({ "x-fal-target-url": "https://fal.run/emulator/nothing" }));
  assertSilent(await answer.text(), "an answer");
  assertSilent(Object.fromEntries(answer.headers), "its headers");
});
