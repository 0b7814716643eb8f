/** Following a request: by a stream of statuses, by asking, and after a reload. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import * as official from "@fal-ai/client";
import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { moveOn, stopClock } from "../lib/clock.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch });
const theirs = official.createFalClient({ credentials: KEY, fetch: emulator.fetch });

beforeEach(async () => {
  await emulator.control({ reset: true });
  await emulator.control({ queue: { ahead: 1, step_ms: 150, run_ms: 400 } });
});
after(() => emulator.stop());

/** The paths that were asked for, without ids. */
const asked = async () =>
  (await emulator.seen()).requests
    .filter((/** @type {any} */ { method }) => method === "GET")
    .map((/** @type {any} */ { path }) => path.replace(/.*requests\/[^/]+/, ""));

/** @param {any} client @param {object} [options] */
async function followed(client, options) {
  /** @type {any[]} */
  const statuses = [];
  const result = await client.subscribe("fal-ai/flux/dev", {
    input: { prompt: "mountains", seed: 3 },
    logs: true,
    onQueueUpdate: (/** @type {any} */ status) => statuses.push(status),
    ...options,
  });
  return { result, statuses, last: statuses.at(-1) };
}

test("a result is fetched as soon as fal says that it is there, and nothing is asked twice", async (t) => {
  // A stream whose first word takes too long is given up, and the status is asked for. On a stopped clock nothing does.
  stopClock(t);
  await followed(fal);
  assert.deepEqual(await asked(), ["/status/stream", ""]);
});

test("each status has the lines that are new and all of them, whichever way they come", async () => {
  const [streamed, polled, reference] = [
    await followed(fal),
    await followed(fal, { mode: "polling", pollInterval: 20 }),
    await followed(theirs, { mode: "polling", pollInterval: 20 }),
  ];
  const messages = (/** @type {any[]} */ logs) => logs.map(({ message }) => message);
  const whole = messages(reference.last.logs);
  assert.ok(whole.length > 1);
  for (const { statuses, last } of [streamed, polled]) {
    assert.deepEqual(messages(last.allLogs), whole);
    // What a program prints that prints the log of each status.
    assert.deepEqual(messages(statuses.flatMap(({ logs }) => logs ?? [])), whole, "no line comes twice");
  }
  const counts = streamed.statuses.map(({ allLogs }) => allLogs?.length ?? 0);
  assert.deepEqual(
    counts,
    [...counts].sort((one, other) => one - other),
    "lines are never taken back",
  );
});

for (const [name, then] of /** @type {[string, object][]} */ ([
  ["an old app", { status: 404, body: '{"detail":"Not Found"}' }],
  ["a gateway in trouble", { status: 503, body: "{}" }],
  ["a page in its place", { status: 200, headers: { "content-type": "text/html" }, body: "<html>" }],
  ["a connection that breaks", { drop: "before" }],
])) {
  test(`where there is no stream the status is asked for: ${name}`, async () => {
    await emulator.control({ faults: [{ match: { path_contains: "/status/stream" }, then }] });
    const { last } = await followed(fal, { pollInterval: 20 });
    assert.equal(last.status, "COMPLETED");
    const paths = await asked();
    assert.equal(paths.filter((/** @type {string} */ path) => path === "/status/stream").length, 1);
    assert.ok(paths.includes("/status"));
  });
}

test("a request is picked up again by its two names, and nothing is submitted", async () => {
  const { request_id: requestId } = await fal.queue.submit("emulator/echo", { input: { a: 1 } });
  const saved = JSON.stringify(fal.queue.handle("emulator/echo", requestId));
  assert.deepEqual(JSON.parse(saved), { endpointId: "emulator/echo", requestId });
  const handle = fal.queue.handle(JSON.parse(saved));
  assert.deepEqual([handle.endpointId, handle.requestId], ["emulator/echo", requestId]);
  assert.equal((await handle.status()).request_id, requestId);
  assert.equal((await handle.subscribeToStatus()).status, "COMPLETED");
  const { data, requestId: same } = await handle.subscribe();
  assert.deepEqual([data.input, same], [{ a: 1 }, requestId]);
  assert.deepEqual((await handle.result()).data.input, { a: 1 });
  assert.deepEqual((await fal.subscribe("emulator/echo", { requestId })).data.input, { a: 1 });
  assert.equal((await emulator.seen()).jobs.length, 1);
});

test("following to the last status is not an error when the request failed; its result is", async () => {
  const { request_id: requestId } = await fal.queue.submit("emulator/refuses", { input: {} });
  const status = await fal.queue.subscribeToStatus("emulator/refuses", { requestId });
  assert.equal(status.status, "COMPLETED");
  const error = await failureOf(fal.subscribe("emulator/refuses", { requestId }));
  assert.deepEqual([error.status, error.requestId], [422, requestId]);
});

test("a stream of statuses has each change, and ends with the request", async () => {
  await emulator.control({ clock: "manual" });
  const move = moveOn(emulator, { IN_QUEUE: 150, IN_PROGRESS: 400 });
  const { request_id: requestId } = await fal.queue.submit("emulator/echo", { input: {} });
  const seen = [];
  const stream = await fal.queue.streamStatus("emulator/echo", { requestId, logs: true });
  for await (const status of stream) {
    seen.push(status.status);
    move(status);
  }
  assert.deepEqual([...new Set(seen)], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
  assert.equal((await stream.done()).status, "COMPLETED");
});

test("bad names are refused before anything is sent", async () => {
  const codes = await Promise.all(
    [
      fal.subscribe("emulator/echo", { requestId: "../../x" }),
      fal.queue.subscribeToStatus("emulator/echo", /** @type {any} */ ({})),
      fal.queue.streamStatus("emulator/echo", /** @type {any} */ (undefined)),
      fal.queue.handle("emulator/echo", "").status(),
      fal.queue.handle("emulator/echo").subscribe(),
      fal.queue.handle(JSON.parse('{"endpointId":"emulator/echo"}')).subscribe(),
      fal.subscribe("emulator/echo", { requestId: "", input: {} }),
      fal.queue.handle("foo", "r-1").status(),
      fal.subscribe("emulator/echo", { mode: /** @type {any} */ ("telepathy") }),
    ].map(async (call) => (await failureOf(call)).code),
  );
  assert.deepEqual(codes, [
    "invalid_request_id",
    "invalid_request_id",
    "invalid_request_id",
    "invalid_request_id",
    "invalid_request_id",
    "invalid_request_id",
    "invalid_request_id",
    "invalid_endpoint_id",
    "invalid_option",
  ]);
  assert.equal((await emulator.seen()).requests.length, 0);
});

/** A client whose request is followed by a stream that brings these statuses at once. @param {object[]} statuses */
function told(...statuses) {
  const events = statuses.map((status) => `data: ${JSON.stringify(status)}\n\n`).join("");
  const fetch = async (/** @type {string} */ url, /** @type {any} */ { method }) => {
    if (method === "POST") return Response.json({ request_id: "r-1" });
    if (!url.includes("/status/stream")) return Response.json({ images: [] });
    return new Response(events, { headers: { "content-type": "text/event-stream" } });
  };
  return createFalClient({ env: { FAL_KEY: KEY }, fetch });
}

test("whoever leaves at one status hears of no other that came with it", async () => {
  const leaving = new AbortController();
  const seen = [];
  const onQueueUpdate = (/** @type {any} */ { status }) => {
    seen.push(status);
    leaving.abort();
  };
  const client = told({ status: "IN_QUEUE" }, { status: "IN_PROGRESS" }, { status: "COMPLETED" });
  const error = await failureOf(client.subscribe("a/b", { onQueueUpdate, abortSignal: leaving.signal }));
  assert.deepEqual([error.code, error.requestId, seen], ["aborted", "r-1", ["IN_QUEUE"]]);
});

test("a request that was completed with an error says which", async () => {
  const status = { status: "COMPLETED", error: "The runner went away", error_type: "runner_disconnected" };
  const error = await failureOf(told(status).subscribe("a/b"));
  assert.deepEqual([error.code, error.errorType, error.requestId], ["job_failed", "runner_disconnected", "r-1"]);
  assert.match(error.message, /r-1 was completed with an error: The runner went away\. Trying again runs/);
});

test("a wait that is longer than a timer takes is not no wait at all", async () => {
  let asked = 0;
  const fetch = async (/** @type {string} */ _, /** @type {any} */ { method }) => {
    asked += 1;
    return Response.json(method === "POST" ? { request_id: "r-1" } : { status: "IN_PROGRESS" });
  };
  const leaving = new AbortController();
  const options = { mode: /** @type {const} */ ("polling"), pollInterval: 2 ** 40, timeout: 2 ** 40 };
  const client = createFalClient({ env: { FAL_KEY: KEY }, fetch });
  // Too short a wait can only hide a second question, not make one.
  const onQueueUpdate = () => void setTimeout(() => leaving.abort(), 50);
  const error = await failureOf(client.subscribe("a/b", { ...options, onQueueUpdate, abortSignal: leaving.signal }));
  assert.deepEqual([error.code, asked], ["aborted", 2]);
});

test("the last status has the whole log, also when nobody listens", async () => {
  const { request_id: requestId } = await fal.queue.submit("fal-ai/flux/dev", { input: { prompt: "mountains" } });
  for (const mode of /** @type {const} */ (["streaming", "polling"])) {
    const { logs } = await fal.queue.subscribeToStatus("fal-ai/flux/dev", { requestId, logs: true, mode });
    const asked = /** @type {any} */ (await fal.queue.status("fal-ai/flux/dev", { requestId, logs: true }));
    assert.ok(logs.length > 1);
    assert.deepEqual(logs, asked.logs, mode);
  }
});

test("no cache keeps the answer to a question", async () => {
  const caches = new Set();
  const fetch = (/** @type {any} */ url, /** @type {any} */ init) => {
    caches.add(init.cache);
    return emulator.fetch(url, init);
  };
  await createFalClient({ env: { FAL_KEY: KEY }, fetch }).subscribe("emulator/echo", {
    input: { file: new Blob(["x"]) },
  });
  assert.deepEqual([...caches], ["no-store"]);
});
