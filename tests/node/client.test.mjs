/** The client on a server, against the emulator, side by side with the official one. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import * as official from "@fal-ai/client";
import { ApiError, FalError, ValidationError, createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { moveOn } from "../lib/clock.mjs";
import { assertSilent, failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const env = { FAL_KEY: KEY };
const ours = createFalClient({ env, fetch: emulator.fetch });
const theirs = official.createFalClient({ credentials: KEY, fetch: emulator.fetch });

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

test("run gives what the official client gives", async () => {
  const options = { input: { prompt: "a cat in the rain", seed: 7, image_size: "square", output_format: "png" } };
  const [mine, reference] = [await ours.run("fal-ai/flux/dev", options), await theirs.run("fal-ai/flux/dev", options)];
  assert.deepEqual(Object.keys(mine), Object.keys(reference));
  assert.equal(mine.data.seed, reference.data.seed);
  const bytes = async (/** @type {any} */ { data }) => (await fetch(data.images[0].url)).arrayBuffer();
  assert.deepEqual(await bytes(mine), await bytes(reference));
  assert.match(mine.requestId, /^[0-9a-f-]{36}$/);
});

test("submit, status, result and cancel give what the official client gives", async () => {
  const input = { text: "hello" };
  const shape = async (/** @type {any} */ client) => {
    const queued = await client.queue.submit("emulator/echo", { input, priority: "low", hint: "r1" });
    const requestId = queued.request_id;
    let status;
    do status = await client.queue.status("emulator/echo", { requestId, logs: true });
    while (status.status !== "COMPLETED");
    const result = await client.queue.result("emulator/echo", { requestId });
    assert.equal(result.requestId, requestId);
    const slow = await client.queue.submit("emulator/slow", { input: { seconds: 60 } });
    const cancelled = await client.queue.cancel("emulator/slow", { requestId: slow.request_id });
    return [Object.keys(queued), Object.keys(status), result.data.input, result.data.fal_headers, cancelled];
  };
  assert.deepEqual(await shape(ours), await shape(theirs));
});

test("subscribe tells the id and every state, and ends with the result", async () => {
  await emulator.control({ clock: "manual", queue: { ahead: 2, step_ms: 300, run_ms: 800 } });
  const follow = async (/** @type {any} */ client) => {
    const move = moveOn(emulator, { IN_QUEUE: 300, IN_PROGRESS: 800 });
    const seen = [];
    let id;
    const result = await client.subscribe("fal-ai/flux/dev", {
      input: { prompt: "mountains", seed: 3 },
      logs: true,
      pollInterval: 30,
      onEnqueue: (/** @type {string} */ requestId) => (id = requestId),
      onQueueUpdate: (/** @type {any} */ update) => {
        const { status, queue_position: position = "" } = update;
        move(update);
        if (seen.at(-1) !== `${status}${position}`) seen.push(`${status}${position}`);
      },
    });
    assert.equal(result.requestId, id);
    return [seen, result.data.seed, result.data.images.length];
  };
  const mine = await follow(ours);
  assert.deepEqual(mine, await follow(theirs));
  assert.deepEqual(mine[0], ["IN_QUEUE2", "IN_QUEUE1", "IN_PROGRESS", "COMPLETED"]);
});

test("files in an input are uploaded once each, without a key, and their URLs take their places", async () => {
  const { data } = await ours.run("fal-ai/flux/schnell", { input: { prompt: "a house", image_size: "square" } });
  const picture = await (await fetch(data.images[0].url)).blob();
  const file = new File([picture], "house.jpg", { type: "image/jpeg" });
  await emulator.control({ reset: true });
  const result = await ours.subscribe("emulator/echo", {
    input: { image_url: file, again: [file], other: 1 },
    pollInterval: 20,
  });
  const { image_url: url, again, other } = result.data.input;
  assert.deepEqual([again, other], [[url], 1]);
  const { files, requests } = await emulator.seen();
  assert.deepEqual(
    files.map((/** @type {any} */ stored) => [stored.url, stored.size, stored.content_type]),
    [[url, file.size, "image/jpeg"]],
  );
  const put = requests.find((/** @type {any} */ request) => request.method === "PUT");
  assert.equal(put.authorization, false);
});

test("a picture and bytes arrive as bytes", async () => {
  const { data } = await ours.run("emulator/bytes", { input: { size: 300 } });
  assert.deepEqual([data.byteLength, new Uint8Array(data)[252]], [300, 1]);
});

test("falsy inputs are inputs, and none is none", async () => {
  const bodies = [];
  const fetch = async (/** @type {any} */ _, /** @type {any} */ init) => {
    bodies.push(init.body);
    return Response.json({});
  };
  const client = createFalClient({ env, fetch });
  for (const input of [0, false, "", null, undefined]) await client.run("emulator/echo", { input });
  assert.deepEqual(bodies, ["0", "false", '""', "null", undefined]);
});

test("the input of a GET is its query", async () => {
  const urls = [];
  const fetch = async (/** @type {any} */ url) => {
    urls.push(url);
    return Response.json({});
  };
  const input = { q: "a b", list: [1], none: undefined };
  await createFalClient({ env, fetch }).run("emulator/echo", { method: "get", input });
  assert.deepEqual(urls, ["https://fal.run/emulator/echo?q=a+b&list=%5B1%5D"]);
});

test("a prompt of one MiB arrives whole", async () => {
  const prompt = "é".repeat(512 * 1024);
  const { data } = await ours.run("emulator/echo", { input: { prompt } });
  assert.equal(data.input.prompt, prompt);
});

test("headers of the caller's own arrive, and options win over them", async () => {
  await ours.queue.submit("emulator/echo", {
    input: {},
    headers: { "X-Fal-Queue-Priority": "normal", "X-Fal-Store-IO": "0" },
    priority: "low",
    startTimeout: 30,
    storageSettings: { expiresIn: "1h" },
  });
  const { requests } = await emulator.seen();
  assert.deepEqual(Object.fromEntries(requests[0].fal_headers), {
    "x-fal-object-lifecycle-preference": '{"expiration_duration_seconds":3600}',
    "x-fal-queue-priority": "low",
    "x-fal-request-start-timeout": "30",
    "x-fal-request-timeout": "30",
    "x-fal-store-io": "0",
  });
});

test("an error of a model is a ValidationError with its fields, and prints neither body nor input", async () => {
  const error = await failureOf(ours.run("fal-ai/flux/dev", { input: { negative: "my secret prompt" } }));
  assert.ok(
    error instanceof ValidationError &&
      error instanceof ApiError &&
      error instanceof FalError &&
      error instanceof Error,
  );
  assert.deepEqual(
    [error.name, error.code, error.status, error.retryable],
    ["ValidationError", "validation_error", 422, false],
  );
  assert.equal(error.getFieldErrors("prompt").length, 1);
  assert.match(error.message, /^fal-ai\/flux\/dev was answered with 422: prompt: .*Trying again will not help\.$/);
  assert.equal(error.body.detail[0].loc.at(-1), "prompt");
  assert.ok(!JSON.stringify(error).includes("my secret prompt"));
  assertSilent(error);
});

test("a refusal that shows only on the result is an error of subscribe, with its request id", async () => {
  const error = await failureOf(ours.subscribe("emulator/refuses", { input: { prompt: "x" }, pollInterval: 20 }));
  assert.deepEqual([error.status, error.body.detail[0].type], [422, "content_policy_violation"]);
  const { jobs } = await emulator.seen();
  assert.equal(error.requestId, jobs[0].request_id);
});

test("an error that is not JSON is kept whole", async () => {
  const body = "<html><h1>502 Bad Gateway</h1></html>";
  const faults = [
    { match: { host: "fal.run" }, times: 9, then: { status: 502, headers: { "content-type": "text/html" }, body } },
  ];
  await emulator.control({ faults });
  const error = await failureOf(ours.run("emulator/echo", { input: {} }));
  assert.deepEqual([error.status, error.code, error.body, error.attempts], [502, "server_error", body, 1]);
  assert.match(error.message, /trying again may run it twice\.$/);
});

test("JSON that is none is an invalid answer", async () => {
  const then = { status: 200, headers: { "content-type": "application/json" }, body: "{" };
  await emulator.control({ faults: [{ match: { host: "fal.run" }, times: 1, then }] });
  assert.equal((await failureOf(ours.run("emulator/echo", { input: {} }))).code, "invalid_answer");
});

test("a fetch that gives no response is an invalid answer", async () => {
  for (const nothing of [undefined, null, {}, "x"]) {
    const fetch = async () => /** @type {any} */ (nothing);
    const error = await failureOf(createFalClient({ env, fetch }).run("emulator/echo", { input: {} }));
    assert.equal(error.code, "invalid_answer", String(nothing));
  }
});

test("an error tells of the last try only", async () => {
  const faults = [
    {
      match: { host: "fal.run" },
      times: 1,
      then: { status: 429, headers: { "x-fal-request-id": "first" }, body: "{}" },
    },
    { match: { host: "fal.run" }, times: 1, then: { drop: "before" } },
  ];
  await emulator.control({ faults });
  const client = createFalClient({ env, fetch: emulator.fetch, retry: { baseDelay: 1 } });
  const error = await failureOf(client.run("emulator/echo", { input: {} }));
  assert.deepEqual(
    [error.code, error.requestId, error.status, error.attempts],
    ["connection_lost", undefined, undefined, 2],
  );
});

test("a connection that is dropped is said to be lost, and nothing is bought twice", async () => {
  await emulator.control({
    faults: [{ match: { host: "queue.fal.run", method: "POST" }, times: 9, then: { drop: "after" } }],
  });
  const error = await failureOf(ours.queue.submit("emulator/echo", { input: {} }));
  assert.deepEqual([error.code, error.retryable, error.attempts], ["connection_lost", true, 1]);
  assert.match(error.message, /not known whether the request was executed/);
  assert.equal((await emulator.seen()).jobs.length, 1);
});

test("a status that is dropped is asked for again", async () => {
  await emulator.control({ faults: [{ match: { path_contains: "/status" }, times: 2, then: { drop: "before" } }] });
  const retry = { baseDelay: 1 };
  const client = createFalClient({ env, retry, fetch: emulator.fetch });
  const { data } = await client.subscribe("emulator/echo", { input: { a: 1 }, pollInterval: 10 });
  assert.deepEqual(data.input, { a: 1 });
});

test("what never arrived is sent again, as often as the caller allows", async () => {
  const refused = Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } });
  for (const [maxRetries, expected] of [
    [0, 1],
    [2, 3],
  ]) {
    let sent = 0;
    const fetch = async () => {
      sent += 1;
      throw refused;
    };
    const client = createFalClient({ env, fetch, retry: { maxRetries, baseDelay: 1 } });
    const error = await failureOf(client.run("emulator/echo", { input: {} }));
    assert.deepEqual([sent, error.code, error.attempts], [expected, "unreachable", expected]);
  }
});

test("a redirect is refused, and the key does not follow it", async () => {
  const then = { status: 307, headers: { location: `${emulator.url}/fal.run/emulator/echo` } };
  await emulator.control({ faults: [{ match: { host: "fal.run" }, times: 1, then }] });
  assert.equal((await failureOf(ours.run("emulator/echo", { input: {} }))).code, "redirected");
  assert.equal((await emulator.seen()).requests.length, 1);
});

test("bad arguments are refused before anything is sent", async () => {
  const calls = [
    ...["foo", "a//b", "../x", "https://evilfal.ai/x", "https://fal.run/a/b", "a/b?x=1", "a/../b"].map((id) => [
      "invalid_endpoint_id",
      () => ours.run(id, { input: {} }),
    ]),
    ["invalid_endpoint_id", () => ours.run(/** @type {any} */ (undefined))],
    // Texts cross to the core on lines of their own; a line more is no other text.
    ["invalid_endpoint_id", () => ours.run("a/b\nc", { input: {} })],
    ["invalid_option", () => ours.run("a/b", { path: "c\nPUT" })],
    ["invalid_request_id", () => ours.queue.status("a/b", { requestId: "r-1\nr-2" })],
    ...["../../x", "", "a/b", undefined].map((requestId) => [
      "invalid_request_id",
      () => ours.queue.status("a/b", { requestId: /** @type {any} */ (requestId) }),
    ]),
    ["invalid_option", () => ours.run("a/b", { startTimeout: 1 })],
    ["invalid_option", () => ours.run("a/b", { method: "BREW" })],
    ["invalid_option", () => ours.queue.submit("a/b", { priority: /** @type {any} */ ("high") })],
    ["invalid_option", () => ours.subscribe("a/b", { pollInterval: -1 })],
    ["invalid_option", () => ours.subscribe("a/b", { onQueueUpdate: /** @type {any} */ ("x") })],
    ["invalid_option", () => ours.run("a/b", { storageSettings: { expiresIn: /** @type {any} */ ("soon") } })],
    ["invalid_option", () => ours.storage.upload(/** @type {any} */ ("a text"))],
    ["invalid_input", () => ours.run("a/b", { input: { n: 1n } })],
    ["invalid_input", () => ours.run("a/b", { input: loop() })],
    ["invalid_input", () => ours.subscribe("a/b", { input: { list: [loop()], file: new Blob(["x"]) } })],
  ];
  for (const [code, call] of /** @type {[string, () => Promise<any>][]} */ (calls)) {
    const error = await failureOf(call());
    assert.deepEqual([error.code, error.retryable], [code, false], String(call));
    assert.match(error.message, /Nothing was sent\.|Pass the `requestId`/);
  }
  assert.equal((await emulator.seen()).requests.length, 0);
});

/** An input that contains itself, twice. */
function loop() {
  /** @type {any} */
  const value = {};
  return Object.assign(value, { one: value, other: [value] });
}

test("what a callback throws ends the call with it", async () => {
  const boom = new Error("my own mistake");
  const throws = () => {
    throw boom;
  };
  assert.equal(await failureOf(ours.subscribe("emulator/echo", { input: {}, onQueueUpdate: throws })), boom);
  assert.equal(await failureOf(ours.subscribe("emulator/echo", { input: {}, onEnqueue: throws })), boom);
});

test("a client shows its key to nobody", async () => {
  assertSilent(ours, "a client");
  assertSilent(await failureOf(ours.run("emulator/private", { input: {} })), "an error");
});
