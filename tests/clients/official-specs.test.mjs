/**
 * What fal-js's own specs check, in our words: they are in no package, so the official client itself stands beside ours, and
 * both do the same calls. Where they are to differ, the difference is said here and in docs/guide/migrating.md.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as official from "@fal-ai/client";
import * as ours from "fal-wasm";

import { stopClock } from "../lib/clock.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { KEY } from "../lib/keys.mjs";

/** Clients, by whose they are. @type {[string, any][]} */
const CLIENTS = [
  ["official", official],
  ["ours", ours],
];
const KINDS = { "content-type": "application/json" };

/** @typedef {{ method: string, url: string, headers: Record<string, string>, body: any }} Sent */

/**
 * Does something with each client; returns what each of them sent, in the order of {@link CLIENTS}.
 *
 * @param {(client: { fal: any, library: any }) => Promise<unknown>} work
 * @param {{ config?: any, answer?: (url: string) => Response }} [more]
 */
async function each(work, { config, answer = () => Response.json({ request_id: "r", status: "COMPLETED" }) } = {}) {
  /** @type {Sent[][]} */
  const all = [];
  for (const [, library] of CLIENTS) {
    /** @type {Sent[]} */
    const sent = [];
    const fetch = async (/** @type {any} */ url, /** @type {any} */ { method = "GET", headers, body }) => {
      const names = Object.fromEntries(new Headers(headers));
      // Each says who it is, and how it reads answers, in its own way. A start timeout has a newer name, too, in ours.
      for (const name of ["user-agent", "accept", "x-fal-request-start-timeout"]) delete names[name];
      sent.push({ method: method.toUpperCase(), url: String(url).replace(/\/$/, ""), headers: names, body });
      return answer(String(url));
    };
    await work({ fal: library.createFalClient({ credentials: KEY, fetch, ...config }), library });
    all.push(sent);
  }
  return all;
}

/** The same, where both have to send the same. @param {Parameters<typeof each>} args */
async function same(...args) {
  const [official, ours] = await each(...args);
  assert.deepEqual(ours, official);
  return /** @type {Sent[]} */ (ours);
}

test("a submit: headers of its own, and options that win over them", async () => {
  const headers = { "x-custom": "abc", "x-fal-queue-priority": "normal", "x-fal-runner-hint": "old" };
  const [sent] = await same(({ fal }) => fal.queue.submit("a/b", { input: {}, headers, priority: "low", hint: "new" }));
  assert.equal(sent.headers["x-fal-queue-priority"], "low");
  assert.equal(sent.headers["x-fal-runner-hint"], "new");
  const [official, ours] = await each(({ fal }) => fal.queue.submit("a/b", { input: {} }));
  // A priority that nobody gave is fal's to choose.
  assert.equal(official[0].headers["x-fal-queue-priority"] ?? "normal", "normal");
  assert.ok(["normal", undefined].includes(ours[0].headers["x-fal-queue-priority"]));
  assert.equal(ours[0].headers["x-fal-runner-hint"], undefined);
});

test("a start timeout: seconds, more than one, or nothing is sent", async () => {
  for (const startTimeout of [5, 30, 2.5]) await same(({ fal }) => fal.run("a/b", { input: {}, startTimeout }));
  for (const startTimeout of [1, 0, -1, NaN]) {
    const sent = await each(({ fal }) => failureOf(fal.run("a/b", { input: {}, startTimeout })));
    assert.deepEqual(sent, [[], []], String(startTimeout));
  }
});

test("how long files live and who may see them", async () => {
  const rules = { default: "forbid", rules: [{ user: "usr_123", decision: "allow" }] };
  for (const storageSettings of [
    ...["immediate", "1h", "1d", "7d", "30d", "1y", "never"].map((expiresIn) => ({ expiresIn })),
    { expiresIn: 120 },
    { expiresIn: "immediate", initialAcl: rules },
    {},
  ]) {
    await same(({ fal }) => fal.run("a/b", { input: {}, storageSettings }));
    await same(({ fal }) => fal.queue.submit("a/b", { input: {}, storageSettings, priority: "normal" }));
  }
});

test("withProxy: on servers always or as asked, and never twice", async () => {
  const request = (/** @type {any} */ headers) => ({ url: "https://queue.fal.run/a/b/c", method: "POST", headers });
  const targetUrl = "https://app.example/api/fal/proxy";
  // What a page does, tests/chromium/seams.test.mjs says: ours knows by its build, and by no `window`.
  for (const when of [
    undefined,
    "browser",
    "always",
    ...[true, false].map((is) => (/** @type {any} */ env) => env.isBrowser === is),
  ])
    for (const headers of [undefined, { "x-fal-target-url": "https://other.example/api" }]) {
      const results = await Promise.all(
        CLIENTS.map(([, { withProxy }]) => withProxy({ targetUrl, when })(request(headers))),
      );
      const [official, ours] = results.map(({ url, method, headers = {} }) => ({
        url,
        method,
        headers: { ...headers },
      }));
      assert.deepEqual(ours, official, `${when} ${JSON.stringify(headers)}`);
    }
});

test("units that are billed: a number, nought, a fraction, or not told", async () => {
  for (const [units, expected] of /** @type {[string | undefined, number | undefined][]} */ ([
    ["42", 42],
    ["0", 0],
    ["3.14159265", 3.14159265],
    ["", undefined],
    [undefined, undefined],
  ])) {
    const headers = {
      ...KINDS,
      "x-fal-request-id": "req",
      ...(units !== undefined && { "x-fal-billable-units": units }),
    };
    /** @type {any[]} */
    const results = [];
    const ran = async (/** @type {any} */ { fal }) => results.push(await fal.run("a/b", { input: {} }));
    await each(ran, { answer: () => new Response('{"ok":true}', { headers }) });
    // Versions of the official one after 1.10.1 tell it of results, too; ours tells it of errors.
    for (const { data, requestId } of results) {
      assert.deepEqual({ data, requestId }, { data: { ok: true }, requestId: "req" });
    }
    for (const status of [500, 422]) {
      const body = JSON.stringify({ message: "no", detail: [] });
      await each(
        async ({ fal, library }) => {
          const error = await failureOf(fal.run("a/b", { input: {} }));
          assert.ok(error instanceof (status === 422 ? library.ValidationError : library.ApiError));
          // Versions of the official one after 1.10.1 tell it under the name of `billableUnits`.
          const billable = library === official ? expected : error.billable;
          assert.deepEqual([error.status, error.requestId, billable], [status, "req", expected]);
        },
        { answer: () => new Response(body, { status, headers }) },
      );
    }
  }
});

test("what cannot be a number of units is not taken for one, and takes no result that was paid for", async () => {
  const headers = { ...KINDS, "x-fal-billable-units": "not-a-number" };
  const { run } = ours.createFalClient({ env: { FAL_KEY: KEY }, fetch: async () => new Response("{}", { headers }) });
  assert.deepEqual(await run("a/b", { input: {} }), { data: {}, requestId: "" });
});

test("a host that only looks like fal's gets nothing, by any way", async () => {
  for (const target of [
    "https://evilfal.ai/api/fal/proxy",
    "https://notfal.run/a/b",
    "https://my-fal.run/a/b",
    "https://fal.ai.evil.example/a/b",
    "https://fal.run@evil.example/a/b",
    "//evil.example/a",
    "/\\evil.example/a",
    "/\t/evil.example/a",
  ]) {
    const [, ours] = await each(async ({ fal, library }) => {
      if (library === official) return;
      for (const call of [
        () => fal.run(target, { input: {} }),
        () => fal.queue.submit(target, { input: {} }),
        () => fal.subscribe(target, { input: {} }),
        () => fal.stream("a/b", { url: target, input: {} }),
        () => fal.stream("a/b", { url: target, input: {}, connectionMode: "client", tokenProvider: assert.fail }),
      ])
        assert.ok((await failureOf(call())).code, target);
    });
    assert.deepEqual(ours, []);
  }
  const [submit] = await same(({ fal }) =>
    fal.queue.submit("a/b", { input: {}, priority: "normal", headers: { "x-own": "1" } }),
  );
  assert.equal(submit.headers.authorization, `Key ${KEY}`);
  const [, smuggled] = await each(({ fal }) =>
    fal.queue.submit("a/b", { input: {}, headers: { "X-Fal-Target-Url": "https://evilfal.ai/x" } }).catch(() => {}),
  );
  for (const { headers } of smuggled) assert.equal(headers["x-fal-target-url"], undefined);
});

test("middleware that answers differently each time sends what was looked at", async () => {
  for (const [first, then] of [
    ["https://fal.run/a/b", "https://evil.example/collect"],
    ["https://evil.example/collect", "https://fal.run/a/b"],
  ]) {
    let reads = 0;
    const url = /** @type {any} */ ({ toString: () => ((reads += 1) === 1 ? first : then) });
    const requestMiddleware = async (/** @type {any} */ request) => ({ ...request, url });
    const [, sent] = await each(({ fal }) => fal.run("a/b", { input: {} }).catch(() => {}), {
      config: { requestMiddleware },
    });
    // No key goes to a host that is not fal's, whatever was read.
    for (const { url, headers } of sent) assert.equal("authorization" in headers, url.startsWith("https://fal.run/"));
  }
});

test("the presigned place of a file gets no key", async () => {
  const place = { upload_url: "https://v3.fal.media/files/upload/a", file_url: "https://v3.fal.media/files/a.txt" };
  const answer = (/** @type {string} */ url) => Response.json(url.includes("rest.fal.ai") ? place : {});
  const work = async (/** @type {any} */ { fal }) =>
    assert.equal(await fal.storage.upload(new Blob(["hello"], { type: "text/plain" })), place.file_url);
  for (const [asked, put] of await each(work, { answer })) {
    assert.match(asked.url, /^https:\/\/rest\.fal\.ai\/storage\/upload\/initiate/);
    assert.deepEqual(
      [asked.headers.authorization, put.url, put.headers.authorization],
      [`Key ${KEY}`, place.upload_url, undefined],
    );
  }
});

test("failures of a network are tried again, and those that somebody wanted are not", async () => {
  const withCode = (/** @type {string} */ code) => Object.assign(new Error(`connect ${code}`), { code });
  const failed = (/** @type {unknown} */ cause) => new TypeError("fetch failed", { cause });
  const named = (/** @type {string} */ name) => Object.assign(new Error("over"), { name });
  const codes = [
    ..."ETIMEDOUT ECONNRESET ECONNREFUSED ENOTFOUND EAI_AGAIN EPIPE EHOSTUNREACH ENETUNREACH".split(" "),
    ..."UND_ERR_SOCKET UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT".split(" "),
  ];
  /** @type {[unknown, boolean][]} */
  const cases = [
    ...codes.map((code) => /** @type {[unknown, boolean]} */ ([failed(withCode(code)), true])),
    [withCode("ECONNRESET"), true],
    [new TypeError("fetch failed"), true],
    [failed(new Error("middle", { cause: withCode("ETIMEDOUT") })), true],
    [named("AbortError"), false],
    [named("TimeoutError"), false],
    [failed(named("AbortError")), false],
    [new Error("of another kind"), false],
  ];
  for (const [error, retryable] of cases) {
    let tries = 0;
    const fetch = async () => ((tries += 1) === 1 ? Promise.reject(error) : Response.json({ status: "IN_QUEUE" }));
    const fal = ours.createFalClient({ env: { FAL_KEY: KEY }, fetch, retry: { baseDelay: 0 } });
    // Asking for a status does no harm twice; a run is sent again only where nothing was sent.
    await fal.queue.status("a/b", { requestId: "r" }).catch(() => {});
    assert.equal(tries, retryable ? 2 : 1, String(error));
  }
});

test("a start timeout of the caller's own is not tried again, and one of fal's may be", async () => {
  for (const [type, retryable] of /** @type {[string | undefined, boolean][]} */ ([
    ["user", false],
    [undefined, true],
    ["infrastructure", true],
  ])) {
    let tries = 0;
    const headers = { ...KINDS, ...(type && { "x-fal-request-timeout-type": type }) };
    const fetch = async () => ((tries += 1), new Response("{}", { status: 504, headers }));
    const fal = ours.createFalClient({ env: { FAL_KEY: KEY }, fetch, retry: { baseDelay: 0, maxRetries: 1 } });
    await failureOf(fal.queue.status("a/b", { requestId: "r" }));
    assert.equal(tries, retryable ? 2 : 1, type);
  }
});

test("waits double up to the longest, and jitter takes any part of them (officially a quarter more or less)", async (t) => {
  const clock = stopClock(t);
  /** How long each wait is. @param {any} retry */
  const waits = async (retry) => {
    /** @type {number[]} */
    const at = [];
    const fetch = async () => (at.push(clock.passed()), new Response("{}", { status: 502, headers: KINDS }));
    const fal = ours.createFalClient({ env: { FAL_KEY: KEY }, fetch, retry });
    const call = failureOf(fal.queue.status("a/b", { requestId: "r" }));
    for (let tries = 1; tries <= retry.maxRetries; tries += 1) {
      await until(() => at.length === tries, { every: 1 });
      await until(() => (at.length > tries ? true : (clock.pass(10), false)), { every: 0 });
    }
    await call;
    return at.slice(1).map((time, index) => time - at[index]);
  };
  const retry = { baseDelay: 1_000, backoffMultiplier: 2, maxDelay: 5_000, maxRetries: 5 };
  assert.deepEqual(await waits({ ...retry, enableJitter: false }), [1_000, 2_000, 4_000, 5_000, 5_000]);
  for (const [index, wait] of (
    await waits({ ...retry, maxDelay: 30_000, maxRetries: 3, enableJitter: true })
  ).entries()) {
    const whole = 1_000 * 2 ** index;
    assert.ok(wait <= whole + 10, `${wait} of ${whole}`);
  }
});

/** A connection of ours with sockets that a test opens, and what each of them was sent. */
function connections() {
  /** @type {any[]} */
  const sockets = [];
  class WebSocket {
    readyState = 0;
    /** @type {any[]} */
    sent = [];
    /** @param {string} url */
    constructor(url) {
      this.url = url;
      sockets.push(this);
    }
    open() {
      this.readyState = 1;
      /** @type {any} */ (this).onopen?.({});
    }
    send(/** @type {any} */ data) {
      this.sent.push(data);
    }
    close() {
      this.readyState = 3;
    }
  }
  const fal = ours.createFalClient({ env: { FAL_KEY: KEY }, WebSocket: /** @type {any} */ (WebSocket) });
  const codec = { encodeMessage: JSON.stringify, decodeMessage: (/** @type {any} */ data) => JSON.parse(data) };
  const connect = (/** @type {any} */ options) =>
    fal.realtime.connect("a/b", { ...codec, connectionKey: "k", throttleInterval: 0, onResult() {}, ...options });
  return { sockets, connect };
}

test("realtime: a path, a token, and JSON by codecs of the caller's own", async () => {
  const { sockets, connect } = connections();
  /** @type {any[]} */
  const results = [];
  const connection = connect({
    path: "/custom/path",
    tokenProvider: async () => "token",
    onResult: (/** @type {any} */ result) => results.push(result),
  });
  connection.send({ foo: "bar" });
  await until(() => sockets.length === 1);
  const [socket] = sockets;
  const { hostname, pathname, searchParams } = new URL(socket.url);
  assert.deepEqual([hostname, pathname, searchParams.get("fal_jwt_token")], ["fal.run", "/a/b/custom/path", "token"]);
  socket.open();
  await until(() => socket.sent.length === 1);
  assert.deepEqual(socket.sent, ['{"foo":"bar"}']);
  socket.onmessage({ data: '{"status":"ok","request_id":"r"}' });
  await until(() => results.length === 1);
  assert.deepEqual(results, [{ status: "ok", request_id: "r" }]);
  connection.close();
});

test("realtime: who closes while a token is under way opens nothing, and the next one asks anew", async () => {
  const { sockets, connect } = connections();
  /** @type {(token: string) => void} */
  let give = () => {};
  const first = connect({ tokenProvider: () => new Promise((resolve) => (give = resolve)) });
  first.send({ n: 1 });
  await until(() => String(give) !== "() => {}");
  first.close();
  give("too late");
  let asked = 0;
  const second = connect({ tokenProvider: async () => `fresh ${(asked += 1)}` });
  second.send({ n: 2 });
  await until(() => sockets.length > 0);
  assert.deepEqual([asked, sockets.length], [1, 1]);
  assert.equal(new URL(sockets[0].url).searchParams.get("fal_jwt_token"), "fresh 1");
  second.close();
});

test("realtime: what waited when its connection was closed is not sent, and is told", async (t) => {
  const clock = stopClock(t);
  const { sockets, connect } = connections();
  /** @type {any[]} */
  const dropped = [];
  const connection = connect({
    throttleInterval: 20,
    tokenProvider: () => new Promise(() => {}),
    onDrop: (/** @type {any} */ input) => dropped.push(input),
  });
  connection.send({ n: 1 });
  connection.send({ n: 2 });
  connection.close();
  clock.pass(100);
  await until(() => dropped.length === 2);
  assert.equal(sockets.length, 0);
});
