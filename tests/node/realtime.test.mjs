/** Realtime connections from a server, with its key, and with tokens. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { stopClock } from "../lib/clock.mjs";
import { assertSilent, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { socketsOf } from "../lib/socket.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const WebSocket = socketsOf(emulator.url);
const retry = { baseDelay: 5, maxDelay: 20 };
const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch, WebSocket, retry });

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/**
 * A connection to the echo, and everything it said.
 *
 * @param {any} [options]
 */
function listen({ app = "emulator/echo", client = fal, ...options } = {}) {
  /** @type {any[]} */
  const [results, errors, drops] = [[], [], []];
  const handler = {
    throttleInterval: 0,
    onResult: (/** @type {any} */ result) => results.push(result),
    onError: (/** @type {any} */ error) => errors.push(error),
    onDrop: (/** @type {any} */ input, /** @type {string} */ reason) => drops.push([input, reason]),
    ...options,
  };
  const connection = client.realtime.connect(app, handler);
  return { connection, results, errors, drops };
}

/** The sockets the emulator had. */
const sockets = async () => (await emulator.seen()).sockets;
const openSockets = async () => (await sockets()).filter((/** @type {any} */ socket) => socket.closed_ms === null);

/** Lets the session end as for want of input, and waits until both sides know. The next one lasts. */
async function endSession() {
  await emulator.control({ realtime: { session_timeout_ms: 0 } });
  await until(async () => (await openSockets()).length === 0);
  await until(() => WebSocket.all.every(({ readyState }) => readyState === WebSocket.CLOSED));
  await emulator.control({ realtime: { session_timeout_ms: null } });
}

/** Gives tokens as a proxy of one's own would, and counts. */
function provider() {
  const give = async () => {
    give.count += 1;
    const body = JSON.stringify({ allowed_apps: ["echo"], token_expiration: 60 });
    const headers = { authorization: `Key ${KEY}`, "content-type": "application/json" };
    return (await emulator.fetch("https://rest.fal.ai/tokens/", { method: "POST", headers, body })).json();
  };
  give.count = 0;
  return give;
}

test("messages come back as they went, in order, over one socket", async () => {
  const { connection, results, errors } = listen();
  const first = {
    request_id: "1",
    data: new Uint8Array([1, 2, 255]),
    at: new Date(1e12),
    deep: [{ x: 2 ** 40 }],
    n: null,
  };
  connection.send(first);
  for (let n = 0; n < 50; n++) connection.send({ n });
  await until(() => results.length === 51);
  assert.deepEqual(results[0], first);
  assert.deepEqual(
    results.slice(1),
    Array.from({ length: 50 }, (_, n) => ({ n })),
  );
  connection.close();
  await until(async () => (await openSockets()).length === 0);
  assert.equal((await sockets()).length, 1);
  assert.deepEqual(errors, []);
});

test("with a key at hand the key opens the socket, and nothing of it is in the address or in what is told", async () => {
  const { connection, results } = listen();
  connection.send({ a: 1 });
  await until(() => results.length === 1);
  const seen = await emulator.seen();
  assert.equal(seen.requests.length, 1);
  assert.deepEqual(seen.requests[0].query, []);
  assertSilent(connection);
  connection.close();
});

test("of a burst the first and the last arrive, and what is left out is said", async (t) => {
  const clock = stopClock(t);
  const { connection, results, drops } = listen({ throttleInterval: 30 });
  connection.send({ n: "open" });
  await until(() => results.length === 1);
  // Nothing was sent for a while.
  clock.pass(30);
  for (let n = 0; n < 10; n++) connection.send({ n });
  await clock.armed(30);
  clock.pass(30);
  await until(() => results.at(-1)?.n === 9);
  assert.ok(results.length <= 3, JSON.stringify(results));
  assert.equal(results.length - 1 + drops.length, 10);
  assert.ok(drops.every(([, reason]) => reason === "superseded"));
  connection.close();
});

test("what is sent while it connects is all sent by a queue, and the newest by the other", async () => {
  const queue = listen();
  const latest = listen({ outbox: "latest" });
  for (let n = 0; n < 20; n++) {
    queue.connection.send({ n });
    latest.connection.send({ n });
  }
  await until(() => queue.results.length === 20 && latest.results.length === 1);
  assert.deepEqual(latest.results, [{ n: 19 }]);
  queue.connection.close();
  latest.connection.close();
});

test("a queue that is full refuses, and says so", async () => {
  const { connection, results, errors, drops } = listen({ outboxFrames: 2 });
  for (let n = 0; n < 3; n++) connection.send({ n });
  assert.deepEqual(drops, [[{ n: 2 }, "outbox_full"]]);
  assert.equal(errors[0].code, "outbox_full");
  await until(() => results.length === 2);
  connection.close();
  const small = listen({ outboxBytes: 10 });
  small.connection.send({ text: "longer than ten bytes" });
  assert.equal(small.drops.length, 1);
  assert.equal((await sockets()).length, 1);
});

test("closing while it connects closes", async () => {
  // No handshake is answered before the clock is moved.
  await emulator.control({ clock: "manual", latency_ms: 50 });
  const { connection, drops, errors } = listen();
  connection.send({ a: 1 });
  connection.close();
  assert.deepEqual(drops, [[{ a: 1 }, "closed"]]);
  const second = listen();
  second.connection.send({ a: 2 });
  await until(() => WebSocket.all.at(-1)?.readyState === 0 || WebSocket.all.at(-1)?.readyState === 1);
  second.connection.close();
  await until(() => WebSocket.all.every((socket) => socket.readyState === 3));
  await emulator.control({ advance_ms: 50 });
  assert.ok((await sockets()).every((/** @type {any} */ socket) => socket.frames_in === 0));
  assert.deepEqual([...errors, ...second.errors], []);
});

test("a session that ends for want of input is no error, and the next message opens another", async () => {
  const { connection, results, errors, drops } = listen();
  connection.send({ n: 1 });
  await until(() => results.length === 1);
  await endSession();
  connection.send({ n: 2 });
  await until(() => results.length === 2);
  assert.deepEqual([errors, drops], [[], []]);
  assert.equal((await sockets()).length, 2);
  connection.close();
});

test("a lost connection is made again by itself, with what waits", async () => {
  await emulator.control({
    faults: [{ match: { host: "fal.run", path_contains: "/realtime" }, then: { close: 1006, after: 1 } }],
  });
  const { connection, results, errors } = listen();
  connection.send({ n: 1 });
  await until(async () => (await sockets()).length === 2);
  connection.send({ n: 2 });
  await until(() => results.length === 2);
  assert.deepEqual(errors, []);
  assert.equal((await openSockets()).length, 1);
  connection.close();
});

test("what was sent and not answered when the connection was lost is said once", async () => {
  await emulator.control({
    realtime: { run_ms: 600_000 },
    faults: [{ match: { host: "fal.run" }, then: { close: 1011, after: 0 } }],
  });
  const { connection, errors } = listen();
  connection.send({ n: 1 });
  await until(() => errors.length === 1);
  assert.deepEqual([errors[0].code, errors[0].retryable], ["connection_lost", true]);
  connection.close();
});

test("a handshake that fails for a while is tried again, and one that will always fail is not", async () => {
  await emulator.control({ faults: [{ match: { host: "fal.run" }, times: 2, then: { status: 503 } }] });
  const patient = listen();
  patient.connection.send({ n: 1 });
  await until(() => patient.results.length === 1);
  patient.connection.close();

  await emulator.control({ faults: [{ match: { host: "fal.run" }, times: 100, then: { drop: "before" } }] });
  const given = createFalClient({
    env: { FAL_KEY: KEY },
    WebSocket,
    retry: { maxRetries: 2, baseDelay: 1 },
  });
  const hopeless = listen({ client: given });
  hopeless.connection.send({ n: 1 });
  await until(() => hopeless.errors.length === 1);
  assert.deepEqual([hopeless.errors[0].code, hopeless.errors[0].attempts], ["unreachable", 3]);
  assert.deepEqual(hopeless.drops, [[{ n: 1 }, "connection_lost"]]);
});

test("a refused token is followed by a fresh one, and the old socket is gone", async () => {
  const good = provider();
  let first = true;
  const tokenProvider = async () => (first ? ((first = false), "not.a.token") : good());
  const { connection, results, errors } = listen({ tokenProvider });
  connection.send({ n: 1 });
  await until(() => good.count === 1);
  connection.send({ n: 2 });
  await until(() => results.some(({ n }) => n === 2));
  assert.ok(errors.every(({ status }) => status === 401));
  assert.equal((await openSockets()).length, 1);
  connection.close();
});

test("a token is asked for at each connection and at no other time", async () => {
  const tokenProvider = provider();
  const { connection, results } = listen({ tokenProvider, tokenExpirationSeconds: 1 });
  assert.equal(tokenProvider.count, 0);
  connection.send({ n: 1 });
  await until(() => results.length === 1);
  await endSession();
  connection.send({ n: 2 });
  await until(() => results.length === 2);
  assert.equal(tokenProvider.count, 2);
  connection.close();
});

test("the provider is told the endpoint with its path, and what it throws reaches onError", async () => {
  const trouble = new Error("not signed in");
  /** @type {string[]} */
  const asked = [];
  const tokenProvider = async (/** @type {string} */ app) => {
    asked.push(app);
    throw trouble;
  };
  const { connection, errors, drops } = listen({ tokenProvider, path: "/ws/in" });
  connection.send({ n: 1 });
  await until(() => errors.length === 1);
  assert.deepEqual([errors[0].code, errors[0].cause], ["token_unavailable", trouble]);
  assert.deepEqual([asked, drops], [["emulator/echo/ws/in"], [[{ n: 1 }, "connection_lost"]]]);
});

test("a key is not a token, whoever says so", async () => {
  const { connection, errors } = listen({ tokenProvider: async () => KEY });
  connection.send({ n: 1 });
  await until(() => errors.length === 1);
  assert.equal(errors[0].code, "credentials_in_browser");
  assertSilent(errors[0]);
  assert.equal((await sockets()).length, 0);
});

test("an app that does not know the key says so once", async () => {
  const stranger = createFalClient({ env: { FAL_KEY: `${KEY}x` }, WebSocket, retry });
  const { connection, errors } = listen({ client: stranger });
  connection.send({ n: 1 });
  await until(() => errors.length === 1);
  const none = createFalClient({ env: {}, WebSocket, retry });
  const second = listen({ client: none });
  second.connection.send({ n: 1 });
  await until(() => second.errors.length === 1);
  assert.equal(second.errors[0].code, "credentials_missing");
});

test("what the app says went wrong reaches onError with its reason, and the connection goes on", async () => {
  const { connection, results, errors } = listen();
  connection.send({ type: "x-fal-error", error: "INTERNAL_ERROR", reason: "no such brush" });
  connection.send({ type: "x-fal-message", action: "timings", timing: 1 });
  connection.send({ status: "error", error: "out of paint" });
  connection.send({ n: 1 });
  await until(() => results.length === 1);
  assert.deepEqual(results, [{ n: 1 }]);
  assert.match(errors[0].message, /INTERNAL_ERROR: no such brush/);
  assert.deepEqual([errors[0].status, errors[0].body.error], [400, "INTERNAL_ERROR"]);
  assert.match(errors[1].message, /out of paint/);
  connection.close();
});

test("JSON codecs work, and slow ones keep the order", async () => {
  const delays = [30, 1, 10];
  const { connection, results } = listen({
    encodeMessage: JSON.stringify,
    decodeMessage: async (/** @type {string} */ data) => {
      await new Promise((resolve) => setTimeout(resolve, delays.shift()));
      return JSON.parse(data);
    },
  });
  for (let n = 0; n < 3; n++) connection.send({ n });
  await until(() => results.length === 3);
  assert.deepEqual(results, [{ n: 0 }, { n: 1 }, { n: 2 }]);
  connection.close();
});

test("a message that cannot be decoded is an error, and the next one is a result", async () => {
  let bad = true;
  const decodeMessage = (/** @type {ArrayBuffer} */ data) => {
    if (bad) throw ((bad = false), new Error("bad codec"));
    return { size: data.byteLength };
  };
  const { connection, results, errors } = listen({ decodeMessage });
  connection.send({ n: 0 });
  connection.send({ n: 1 });
  await until(() => results.length === 1 && errors.length === 1);
  assert.match(errors[0].message, /decoded/);
  assert.ok(errors[0].cause, "what the codec said is kept, and not in the message: it may quote a prompt");
  connection.close();
});

test("what cannot be encoded is refused at once", () => {
  const { connection } = listen();
  assert.throws(() => connection.send({ big: 1n }), TypeError);
  assert.throws(() => listen({ encodeMessage: () => 7 }).connection.send({}), TypeError);
});

test("an error in a handler surfaces as the app's own, and the connection lives", async (t) => {
  const { connection, results, errors } = listen({
    onResult(/** @type {any} */ result) {
      results.push(result);
      if (result.n === 1) throw new Error("mine");
    },
  });
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  t.after(() => listeners.forEach((listener) => process.on("uncaughtException", listener)));
  const surfaced = once(process, "uncaughtException");
  connection.send({ n: 1 });
  const [error] = await surfaced;
  assert.equal(error.message, "mine");
  connection.send({ n: 2 });
  await until(() => results.length === 2);
  assert.deepEqual(errors, []);
  connection.close();
});

test("one key is one connection, whoever holds it; of another app it is another", async () => {
  const first = listen({ connectionKey: "k" });
  first.connection.send({ n: 1 });
  await until(() => first.results.length === 1);
  const second = listen({ connectionKey: "k" });
  second.connection.send({ n: 2 });
  await until(() => second.results.length === 1);
  assert.equal((await sockets()).length, 1);
  const other = listen({ connectionKey: "k", app: "fal-ai/any-llm" });
  other.connection.send({ prompt: "a cat" });
  await until(() => other.results.length === 1);
  assert.deepEqual([first.results, second.results], [[{ n: 1 }], [{ n: 2 }]]);
  assert.equal((await sockets()).length, 2);
  first.connection.close();
  other.connection.close();
  await until(async () => (await openSockets()).length === 0);
});

test("a connection that was closed opens again with the next message", async () => {
  const { connection, results } = listen();
  connection.send({ n: 1 });
  await until(() => results.length === 1);
  connection.close();
  connection.close();
  connection.send({ n: 2 });
  await until(() => results.length === 2);
  connection.close();
});

test("a page that is rendered on a server opens nothing", async () => {
  const { connection } = listen({ clientOnly: true });
  connection.send({ n: 1 });
  connection.close();
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("options that cannot be are refused when they are given", () => {
  for (const options of [
    { maxBuffering: 0 },
    { maxBuffering: 61 },
    { outbox: "all" },
    { throttleInterval: -1 },
    { outboxFrames: 0 },
    { onResult: "no" },
    { tokenProvider: "no" },
  ]) {
    assert.throws(() => listen(options), { code: "invalid_option" }, JSON.stringify(options));
  }
  assert.throws(() => listen({ app: "https://evil.example/x" }), { code: "invalid_endpoint_id" });
  assert.throws(() => listen({ path: "../x" }), { code: "invalid_endpoint_id" });
});

test("a model that draws sends its pictures as bytes", async () => {
  const { connection, results } = listen({ app: "fal-ai/fast-lcm-diffusion", maxBuffering: 2 });
  connection.send({ prompt: "a cat", width: 32, height: 32, request_id: "r" });
  await until(() => results.length === 1);
  assert.equal(results[0].request_id, "r");
  assert.ok(results[0].images[0].content instanceof Uint8Array);
  connection.close();
});

test("a handshake that is refused for good is told at once, with its status", async () => {
  const before = WebSocket.all.length;
  const bad = listen({
    client: createFalClient({ env: { FAL_KEY: "who:knows" }, WebSocket, fetch: emulator.fetch, retry }),
  });
  bad.connection.send({ n: 1 });
  await until(() => bad.errors.length === 1);
  assert.deepEqual([bad.errors[0].status, bad.errors[0].code, bad.errors[0].retryable], [401, "unauthorized", false]);
  await emulator.control({ faults: [{ match: { host: "fal.run" }, times: 9, then: { status: 404 } }] });
  const missing = listen();
  missing.connection.send({ n: 1 });
  await until(() => missing.errors.length === 1);
  assert.deepEqual([missing.errors[0].status, missing.errors[0].attempts], [404, 1]);
  assert.equal(WebSocket.all.length - before, 2, "one socket each");
});

test("who connects last with a key hears, also when no line is open, and hears when one is", async () => {
  let opened = 0;
  const older = listen({ connectionKey: "shared" });
  const newer = listen({ connectionKey: "shared", onOpen: () => (opened += 1) });
  older.connection.send({ n: 1 });
  await until(() => newer.results.length === 1);
  assert.deepEqual([older.results, opened], [[], 1]);
  older.connection.close();
});

test("a WebSocket that knows only handlers works", async () => {
  class Simple {
    /** @param {string} url @param {any} options */
    constructor(url, options) {
      const socket = new WebSocket(url, options);
      for (const type of ["open", "message", "close", "error"])
        socket.addEventListener(/** @type {any} */ (type), (event) => /** @type {any} */ (this)[`on${type}`]?.(event));
      Object.defineProperty(this, "readyState", { get: () => socket.readyState });
      Object.defineProperty(this, "binaryType", { set: (type) => (socket.binaryType = type) });
      this.send = socket.send.bind(socket);
      this.close = socket.close.bind(socket);
    }
  }
  const client = createFalClient({
    env: { FAL_KEY: KEY },
    fetch: emulator.fetch,
    WebSocket: /** @type {any} */ (Simple),
  });
  const { connection, results } = listen({ client });
  connection.send({ n: 1 });
  await until(() => results.length === 1);
  connection.close();
});

test("after a refusal that will not pass nothing is tried for 1, 2, 4 seconds, and it is said once", async (t) => {
  const clock = stopClock(t);
  let asked = 0;
  const tokenProvider = async () => {
    asked += 1;
    throw new Error("signed out");
  };
  const { connection, errors, drops } = listen({ tokenProvider });
  for (const [round, rest] of [1_000, 2_000, 4_000].entries()) {
    connection.send({ n: 0 });
    await until(() => errors.length === round + 1);
    for (let n = 1; n < 25; n += 1) connection.send({ n });
    clock.pass(rest - 1);
    connection.send({ n: 25 });
    assert.deepEqual([asked, errors.length, drops.length], [round + 1, round + 1, 26 * (round + 1)]);
    clock.pass(1);
  }
  assert.ok(drops.every(([, reason]) => reason === "connection_lost"));
});

test("the rest is the connection's: connecting again with its key asks nobody, and closing ends it", async (t) => {
  const clock = stopClock(t);
  let asked = 0;
  const tokenProvider = async () => {
    asked += 1;
    throw new Error("signed out");
  };
  // As a component does that is drawn 25 times.
  for (let n = 0; n < 25; n += 1) {
    const { connection, errors } = listen({ tokenProvider, connectionKey: "drawn" });
    connection.send({ n });
    if (n === 0) await until(() => errors.length === 1);
  }
  assert.equal(asked, 1);
  clock.pass(1_000);
  const { connection, drops } = listen({ tokenProvider, connectionKey: "drawn" });
  connection.send({ n: 25 });
  await until(() => drops.length === 1);
  connection.send({ n: 26 });
  assert.deepEqual([asked, drops.length], [2, 2]);
  connection.close();
  connection.send({ n: 27 });
  await until(() => drops.length === 3);
  assert.equal(asked, 3);
});

test("how a connection is doing is told in fal's own words", async () => {
  /** @type {string[]} */
  const told = [];
  const of = { onStateChange: (/** @type {string} */ state) => told.push(state), onOpen: () => told.push("(open)") };
  const { connection, results } = listen(of);
  assert.deepEqual(told, []);
  connection.send({ n: 1 });
  assert.deepEqual(told, ["opening"]);
  await until(() => results.length === 1);
  await endSession();
  await until(() => told.at(-1) === "closed");
  connection.send({ n: 2 });
  await until(() => results.length === 2);
  connection.close();
  const whole = ["opening", "(open)", "live", "closed"];
  assert.deepEqual(told.splice(0), [...whole, ...whole]);
  await emulator.control({
    faults: [{ match: { host: "fal.run", path_contains: "/realtime" }, then: { close: 1006, after: 1 } }],
  });
  const lost = listen(of);
  lost.connection.send({ n: 1 });
  await until(() => told.length === 6);
  lost.connection.close();
  assert.deepEqual(told.splice(0), ["opening", "(open)", "live", "opening", "(open)", "live", "closed"]);
  await emulator.control({ faults: [{ match: { host: "fal.run" }, times: 9, then: { status: 404 } }] });
  const missing = listen(of);
  missing.connection.send({ n: 1 });
  await until(() => missing.errors.length === 1);
  assert.deepEqual(told, ["opening", "failed"]);
});
