/** Streams on a server: what comes, what breaks, and what is left behind. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { failureOf, pause, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch });
const MODEL = "fal-ai/any-llm";
const input = { prompt: "a cat in the rain" };

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** A server that sends these pieces, and says when its reader has left. @param {(string | Uint8Array)[]} pieces */
function playing(pieces, { type = "text/event-stream", endless = false, fails = false, status = 200 } = {}) {
  const seen = { pulled: 0, left: false };
  const encoder = new TextEncoder();
  const body = new ReadableStream(
    {
      pull(controller) {
        const piece = pieces[seen.pulled % (endless ? pieces.length : Infinity)];
        seen.pulled += 1;
        if (piece !== undefined) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
        else if (fails) controller.error(new TypeError("terminated"));
        else controller.close();
      },
      cancel() {
        seen.left = true;
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { "content-type": type, "x-fal-request-id": "r-1" };
  const fetch = async () => new Response(body, { status, headers });
  return { seen, fal: createFalClient({ env: { FAL_KEY: KEY }, fetch, retry: { maxRetries: 0 } }) };
}

/** @param {AsyncIterable<any>} stream */
async function all(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

test("a loop gets every event, done the last one, and listeners all of them", async () => {
  const stream = await fal.stream(MODEL, { input });
  const heard = [];
  stream.on("data", (item) => heard.push(item));
  const items = await all(stream);
  assert.ok(items.length > 2);
  assert.deepEqual(heard, items);
  assert.deepEqual(await stream.done(), items.at(-1));
  assert.match(stream.requestId, /^[0-9a-f-]{36}$/);
  const { requests } = await emulator.seen();
  assert.deepEqual(
    requests.map((/** @type {any} */ { method, path }) => [method, path]),
    [["POST", `/${MODEL}/stream`]],
  );
});

test("an id that names the stream itself is called once as it is", async () => {
  const stream = await fal.stream(`${MODEL}/stream`, { input });
  assert.ok((await all(stream)).length > 2);
});

test("falsy items are items, characters may be cut in two, and [DONE] ends the stream", async () => {
  const bytes = new TextEncoder().encode(
    'data: 0\n\ndata: ""\r\n\r\ndata: null\r\rdata: false\n\ndata: "é😀"\n\ndata: [DONE]\n\ndata: 9\n\n',
  );
  const server = playing([...bytes].map((byte) => Uint8Array.of(byte)));
  assert.deepEqual(await all(await server.fal.stream(MODEL)), [0, "", null, false, "é😀"]);
  assert.ok(server.seen.left, "what follows [DONE] is not wanted");
});

test("an event that says what went wrong is an error for the loop, for done and for listeners", async () => {
  const pieces = [
    "data: 1\n\n",
    'event: error\ndata: {"detail":"The runner has run out of memory"}\n\n',
    "data: 2\n\n",
  ];
  const stream = await playing(pieces).fal.stream(MODEL);
  const heard = [];
  stream.on("error", (error) => heard.push(error));
  const items = [];
  const error = await failureOf(
    (async () => {
      for await (const item of stream) items.push(item);
    })(),
  );
  assert.deepEqual([items, error.code], [[1], "stream_failed"]);
  assert.match(error.message, /run out of memory/);
  assert.deepEqual([await failureOf(stream.done()), heard[0]], [error, error]);
});

test("an answer that is an error, one that is no JSON, and one that breaks off are told apart", async () => {
  const refused = playing(['{"detail":"No such model"}'], { type: "application/json", status: 404 });
  assert.equal((await failureOf(all(await refused.fal.stream(MODEL)))).status, 404);
  // Also with an end, or an error, in the same piece.
  for (const piece of ["data: {\n\n", "data: {\n\ndata: [DONE]\n\n", "data: {\n\nevent: error\ndata: 1\n\n"]) {
    const wild = playing([piece]);
    assert.equal((await failureOf(all(await wild.fal.stream(MODEL)))).code, "invalid_answer");
  }
  const broken = playing(["data: 1\n\n"], { fails: true });
  const error = await failureOf(all(await broken.fal.stream(MODEL)));
  assert.equal(error.code, "connection_lost");
});

test("an error that nobody asks for is an unhandled rejection, and only then", () => {
  const program = (/** @type {string} */ use) => `
    import { createFalClient } from "fal-wasm";
    const fetch = async () => new Response("data: {\\n\\n", { headers: { "content-type": "text/event-stream" } });
    const stream = await createFalClient({ env: { FAL_KEY: "a-key:of-nobody" }, fetch }).stream("${MODEL}");
    ${use}`;
  const crashes = (/** @type {string} */ use) =>
    spawnSync(process.execPath, ["--input-type=module", "-e", program(use)], { cwd: path(".") }).status !== 0;
  for (const use of ["for await (const item of stream);", "stream.done();", 'stream.on("data", () => {});'])
    assert.ok(crashes(use), use);
  for (const use of [
    "try { for await (const item of stream); } catch {}",
    "stream.done().catch(() => {});",
    'stream.on("error", () => {});',
    "await new Promise((r) => setTimeout(r, 50)); try { for await (const item of stream); } catch {}",
  ])
    assert.ok(!crashes(use), use);
});

test("a stream that falls silent is an error after `timeout`", async () => {
  await emulator.control({ latency_ms: 600_000 });
  const error = await failureOf(all(await fal.stream(MODEL, { input, timeout: 50 })));
  assert.deepEqual([error.code, error.retryable], ["stream_stalled", true]);
});

test("leaving the loop, aborting, and an aborted signal stop the model", async () => {
  const left = playing(["data: 1\n\n"], { endless: true });
  for await (const item of await left.fal.stream(MODEL)) {
    assert.equal(item, 1);
    break;
  }
  await until(() => left.seen.left);

  const aborted = playing(["data: 1\n\n"], { endless: true });
  const stream = await aborted.fal.stream(MODEL);
  stream.on("data", () => stream.abort());
  assert.equal(await stream.done(), 1);
  await until(() => aborted.seen.left);

  const early = playing(["data: 1\n\n"], { endless: true });
  const never = await early.fal.stream(MODEL, { abortSignal: AbortSignal.abort() });
  assert.deepEqual([await all(never), await never.done(), early.seen.pulled], [[], {}, 0]);
});

test("whoever aborts at one item hears of no other that came with it", async () => {
  const stream = await playing(["data: 1\n\ndata: 2\n\ndata: 3\n\n"]).fal.stream(MODEL);
  const heard = [];
  stream.on("data", (item) => {
    heard.push(item);
    stream.abort();
  });
  assert.deepEqual([await stream.done(), heard], [1, [1]]);
});

test("several may wait for the next item: each item goes to one of them, and the end to all", async () => {
  const stream = await playing(["data: 1\n\n", "data: 2\n\n"]).fal.stream(MODEL);
  const [one, other] = [stream[Symbol.asyncIterator](), stream[Symbol.asyncIterator]()];
  const results = await Promise.all([one.next(), one.next(), other.next(), other.next()]);
  assert.deepEqual(results.map(({ value }) => value).sort(), [1, 2, undefined, undefined]);
  assert.equal(results.filter(({ done }) => done).length, 2);
});

test("a loop that is slower than the model slows it down, and nothing is lost", async () => {
  const server = playing(["data: 1\n\n".repeat(64)], { endless: true });
  const stream = await server.fal.stream(MODEL);
  const loop = stream[Symbol.asyncIterator]();
  await loop.next();
  // Too short a wait can only hide that more is read, not make it so.
  await pause(100);
  const { pulled } = server.seen;
  assert.ok(pulled < 100, `${pulled} pieces were read for nobody`);
  for (let count = 0; count < 64 * 100; count += 1) assert.equal((await loop.next()).value, 1);
  assert.ok(server.seen.pulled > pulled);
  await loop.return?.();
  await until(() => server.seen.left);
});

test("what comes at once, and is more than anybody wants now, is not looked at at once", async (t) => {
  const count = 100_000;
  const stream = await playing(["data: 1\n\n".repeat(count)]).fal.stream(MODEL);
  let seen = 0;
  stream.on("data", () => void (seen += 1));
  const loop = stream[Symbol.asyncIterator]();
  t.after(() => loop.return?.());
  await loop.next();
  assert.ok(seen < 10_000, `${seen} of ${count}`);
  for (let taken = 1; taken < count; taken += 1) assert.equal((await loop.next()).value, 1);
  assert.ok((await loop.next()).done);
  assert.equal(seen, count);
});

test("a loop that begins late gets everything, however much came at once", async () => {
  const server = playing([Array.from({ length: 5_000 }, (_, index) => `data: ${index}\n\n`).join("")]);
  const stream = await server.fal.stream(MODEL);
  await until(() => server.seen.pulled > 0);
  await pause(20);
  const items = await all(stream);
  assert.deepEqual([items.length, items[0], items.at(-1)], [5_000, 0, 4_999]);
});

test("whoever only listens or waits keeps nothing", async () => {
  const pieces = Array.from({ length: 5_000 }, (_, index) => `data: ${index}\n\n`);
  const server = playing(pieces);
  assert.equal(await (await server.fal.stream(MODEL)).done(), 4_999);
});

test("another kind of answer comes as its bytes", async () => {
  const server = playing([Uint8Array.of(1, 2), Uint8Array.of(3)], { type: "audio/mpeg" });
  const stream = await server.fal.stream(MODEL, { accept: "audio/mpeg" });
  assert.deepEqual(await all(stream), [Uint8Array.of(1, 2), Uint8Array.of(3)]);
});

test("what a listener throws ends the stream with it", async () => {
  const stream = await playing(["data: 1\n\n"], { endless: true }).fal.stream(MODEL);
  const own = new Error("from the app");
  stream.on("data", () => {
    throw own;
  });
  assert.equal(await failureOf(stream.done()), own);
});

test("bad options are refused before anything is sent", async () => {
  assert.equal((await failureOf(fal.stream("foo"))).code, "invalid_endpoint_id");
  assert.equal((await failureOf(fal.stream(MODEL, { timeout: -1 }))).code, "invalid_option");
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("a stream goes straight to fal with a token, of the caller's own or one that is asked for", async () => {
  const asked = [];
  const tokenProvider = async (/** @type {string} */ endpoint) => {
    asked.push(endpoint);
    const headers = { authorization: `Key ${KEY}`, "content-type": "application/json" };
    const body = JSON.stringify({ allowed_apps: [endpoint], duration: 60 });
    const response = await emulator.fetch("https://rest.fal.ai/tokens/realtime", { method: "POST", headers, body });
    return (await response.json()).token;
  };
  const sent = [];
  const fetch = (/** @type {string} */ url, /** @type {any} */ init) => {
    if (url.includes("fal_jwt_token=")) sent.push(new Headers(init.headers).has("authorization"));
    return emulator.fetch(url, init);
  };
  const keyless = createFalClient({ env: {}, fetch });
  const own = await all(await keyless.stream(MODEL, { input, connectionMode: "client", tokenProvider }));
  assert.ok(own.length > 2);
  assert.deepEqual(asked, [`${MODEL}/stream`]);
  const keyed = createFalClient({ env: { FAL_KEY: KEY }, fetch });
  const minted = await all(await keyed.stream(MODEL, { input, connectionMode: "client" }));
  assert.deepEqual(minted, own);
  assert.deepEqual(sent, [false, false], "no key goes along with a token");
  const keys = await keyless.stream(MODEL, { connectionMode: "client", tokenProvider: () => KEY });
  assert.equal((await failureOf(all(keys))).code, "credentials_in_browser");
});
