/** HTTP over a WebSocket, from a server. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent, failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { socketsOf } from "../lib/socket.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const WebSocket = socketsOf(emulator.url);
const fal = createFalClient({ env: { FAL_KEY: KEY }, WebSocket });

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const sockets = async () => (await emulator.seen()).sockets;

test("requests share one socket and are answered in order", async () => {
  const socket = fal.ws.connect("emulator/echo");
  const answers = await Promise.all([1, 2, 3].map((n) => socket.request({ n })));
  assert.deepEqual(
    answers.map(({ data, status }) => [data.input, status]),
    [1, 2, 3].map((n) => [{ n }, 200]),
  );
  assert.equal(new Set(answers.map(({ requestId }) => requestId)).size, 3);
  assert.equal((await sockets()).length, 1);
  socket.close();
  await until(async () => (await sockets()).every((/** @type {any} */ { closed_ms }) => closed_ms !== null));
});

test("bytes are bytes, and what comes piece by piece can be read piece by piece", async () => {
  const bytes = fal.ws.connect("emulator/bytes");
  const { data } = await bytes.request({ size: 200_000 });
  assert.equal(data.byteLength, 200_000);
  let size = 0;
  for await (const frame of await bytes.stream({ size: 200_000 })) size += frame.length;
  assert.equal(size, 200_000);
  bytes.close();
});

test("an error is the ApiError it is elsewhere, and the socket goes on", async () => {
  const socket = fal.ws.connect("fal-ai/flux/schnell");
  const error = await failureOf(socket.request({}));
  assert.deepEqual([error.name, error.code, error.status], ["ValidationError", "validation_error", 422]);
  assert.equal(error.getFieldErrors("prompt").length, 1);
  assert.notEqual(error.requestId, "");
  assert.equal((await socket.request({ prompt: "a cat" })).data.images.length, 1);
  assert.equal((await sockets()).length, 1);
  socket.close();
});

test("what was sent is lost with its socket and said to be; what waits goes over the next", async () => {
  const faults = [{ match: { host: "ws.fal.run" }, times: 1, then: { close: 1006, after: 1 } }];
  await emulator.control({ faults });
  const socket = fal.ws.connect("emulator/echo");
  const [lost, next] = await Promise.allSettled([socket.request({ n: 1 }), socket.request({ n: 2 })]);
  assert.equal(lost.status === "rejected" && lost.reason.code, "connection_lost");
  assert.deepEqual(next.status === "fulfilled" && next.value.data.input, { n: 2 });
  socket.close();
});

test("a handshake that fails ends what waits, with what fal said", async () => {
  const stranger = createFalClient({ env: { FAL_KEY: `${KEY}0` }, WebSocket });
  const error = await failureOf(stranger.ws.connect("emulator/echo").request({}));
  assert.deepEqual([error.code, error.status, error.retryable], ["unauthorized", 401, false]);
  assertSilent(error);
  const none = createFalClient({ env: {}, WebSocket });
  assert.equal((await failureOf(none.ws.connect("emulator/echo").request({}))).code, "credentials_missing");
});

test("an abort ends one request and no other", async () => {
  const socket = fal.ws.connect("emulator/slow");
  const controller = new AbortController();
  const slow = socket.request({ seconds: 3_600 }, { abortSignal: controller.signal });
  const waits = socket.request({ seconds: 0.01 });
  const never = socket.request({ seconds: 3_600 }, { abortSignal: AbortSignal.abort() });
  assert.equal((await failureOf(never)).name, "AbortError");
  await until(async () => (await sockets())[0]?.frames_in === 1);
  controller.abort(new Error("enough"));
  const error = await failureOf(slow);
  assert.deepEqual([error.name, error.cause.message], ["AbortError", "enough"]);
  assert.equal((await waits).status, 200);
  const last = socket.request({ seconds: 3_600 });
  socket.close();
  assert.equal((await failureOf(last)).name, "AbortError");
});

test("leaving the loop stops the model", async () => {
  const socket = fal.ws.connect("fal-ai/any-llm/stream");
  for await (const event of await socket.stream({ prompt: "Why is the sky blue?" })) {
    assert.equal(typeof event, "object");
    break;
  }
  await until(async () => (await sockets()).every((/** @type {any} */ { closed_ms }) => closed_ms !== null));
});

test("what cannot be sent is refused before anything is", async () => {
  const socket = fal.ws.connect("emulator/echo");
  assert.equal((await failureOf(socket.request({ big: 1n }))).code, "invalid_input");
  assert.throws(() => fal.ws.connect("https://evil.example/x"), { code: "invalid_endpoint_id" });
  const proxied = createFalClient({ proxyUrl: { url: "https://app.example/fal", when: "always" } });
  assert.throws(() => proxied.ws.connect("emulator/echo"), { code: "server_only" });
  assert.equal((await sockets()).length, 0);
});

test("a runtime without sockets says what to do", { skip: Boolean(globalThis.WebSocket) }, async () => {
  const bare = createFalClient({ env: { FAL_KEY: KEY } });
  const error = await failureOf(bare.ws.connect("emulator/echo").request({}));
  assert.equal(error.code, "websocket_missing");
  assert.match(error.message, /createFalClient\(\{ WebSocket \}\)/);
});
