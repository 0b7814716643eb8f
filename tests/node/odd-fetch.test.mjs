/** A `fetch` that is not quite `fetch`, answers that are not quite answers, and callbacks that reject. */

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import { createFalClient } from "fal-wasm";

import { failureOf } from "../lib/expect.mjs";
import { KEY } from "../lib/keys.mjs";

const ID = "764cabcf-b745-4b3e-ae38-1200304cf45b";
const HTML = "<!doctype html><title>app</title>";

/** @param {(url: string, init: any) => any} answer */
function client(answer) {
  /** @type {string[]} */
  const sent = [];
  const fetch = async (/** @type {string} */ url, /** @type {any} */ init) => {
    sent.push(`${init.method} ${new URL(url).pathname}`);
    return answer(url, init);
  };
  return { sent, fal: createFalClient({ env: { FAL_KEY: KEY }, fetch, retry: { maxRetries: 2, baseDelay: 1 } }) };
}

const page = () => new Response(HTML, { headers: { "content-type": "text/html; charset=utf-8" } });
const events = (/** @type {any} */ body) =>
  new Response(body, { headers: { "content-type": "text/event-stream", "x-fal-request-id": "r-1" } });

/** The queue, whose streams of statuses are whatever `stream` makes. @param {(body: string) => any} stream */
const queue = (stream) => (/** @type {string} */ url, /** @type {any} */ init) => {
  const status_url = `https://queue.fal.run/a/b/requests/${ID}/status`;
  const status = { status: "COMPLETED", request_id: ID, response_url: "x", logs: [] };
  if (init.method === "POST") return Response.json({ request_id: ID, status_url });
  if (url.includes("/status/stream")) return stream(`data: ${JSON.stringify(status)}\n\n`);
  if (url.includes("/status")) return Response.json(status);
  return Response.json({ done: true });
};

/** @param {any} stream */
async function all(stream) {
  const items = [];
  const error = await (async () => {
    for await (const item of stream) items.push(item);
  })().catch((error) => error);
  return { items, code: error?.code };
}

test("a page of HTML is no result, and is kept; whoever accepts one gets it", async () => {
  const { fal, sent } = client(page);
  const handle = fal.queue.handle("a/b", ID);
  /** @type {Record<string, () => Promise<any>>} */
  const calls = {
    run: () => fal.run("a/b"),
    result: () => handle.result(),
    cancel: () => handle.cancel(),
    stream: () => fal.stream("a/b").then((stream) => stream.done()),
  };
  for (const [name, call] of Object.entries(calls)) {
    const error = await failureOf(call());
    assert.deepEqual([error.code, error.body], ["invalid_answer", HTML], name);
    assert.ok(!JSON.stringify(error).includes("doctype"), "it is not printed");
  }
  assert.equal(sent.length, 4, "no run is bought twice");
  assert.equal((await fal.run("a/b", { headers: { accept: "text/html" } })).data, HTML);
});

test("an answer that is paid for and does not parse keeps its text", async () => {
  const text = '{"images": [{"url": "https://';
  const { fal, sent } = client(() => new Response(text, { headers: { "content-type": "application/json" } }));
  const error = await failureOf(fal.run("a/b"));
  assert.deepEqual([error.code, error.body, sent.length], ["invalid_answer", text, 1]);
});

test("a stream that breaks inside an event has lost its connection, after what came", async () => {
  for (const rest of ["data: {", "data: 2", "data: 2\n", "da", "event: x", "event: x\n", "data: 2\r"]) {
    const { fal } = client(() => events(`data: 1\n\n${rest}`));
    assert.deepEqual(await all(await fal.stream("a/b")), { items: [1], code: "connection_lost" }, JSON.stringify(rest));
  }
  for (const rest of ["", "\n", ": ping\n", ": ping\n\n", "data: [DONE]", "data: [DONE]\n", "retry: 1\r\n\r\n"]) {
    const { fal } = client(() => events(`data: 1\n\n${rest}`));
    assert.deepEqual(await all(await fal.stream("a/b")), { items: [1], code: undefined }, JSON.stringify(rest));
  }
});

test("an event without data is an event of nothing", async () => {
  const { fal } = client(() => events("data:\n\ndata: 1\n\ndata\n\n"));
  assert.deepEqual(await all(await fal.stream("a/b")), { items: ["", 1, ""], code: undefined });
});

test("a fetch without streams: the queue is asked, and a model's stream comes all the same", async () => {
  /** As React Native's answer: it can be read as a whole only. @param {string} text */
  const whole = (text) => {
    const { headers } = events("");
    return {
      status: 200,
      headers,
      text: async () => text,
      arrayBuffer: async () => new TextEncoder().encode(text).buffer,
    };
  };
  const first = client(queue(whole));
  assert.deepEqual((await first.fal.subscribe("a/b")).data, { done: true });
  assert.equal(first.sent.filter((line) => line.startsWith("POST")).length, 1);
  const second = client(() => whole("data: 1\n\ndata: 2\n\n"));
  assert.deepEqual(await all(await second.fal.stream("a/b")), { items: [1, 2], code: undefined });
});

test("a fetch with streams of Node, as node-fetch has", async () => {
  const node = (/** @type {string} */ text) =>
    Object.defineProperty(events(""), "body", { value: Readable.from([Buffer.from(text)]) });
  const first = client(queue(node));
  assert.deepEqual((await first.fal.subscribe("a/b")).data, { done: true });
  assert.ok(!first.sent.some((line) => line.endsWith("/status")), "the stream was read");
  const second = client(() => node("data: 1\n\ndata: 2\n\n"));
  assert.deepEqual(await all(await second.fal.stream("a/b")), { items: [1, 2], code: undefined });
});

test("a body that is locked, used or missing is an error of this package", async () => {
  const locked = () => {
    const response = events("data: 1\n\n");
    response.body?.getReader();
    return response;
  };
  const used = async () => {
    const response = Response.json({});
    await response.text();
    return response;
  };
  for (const answer of [locked, () => events(null)]) {
    const stream = await client(answer).fal.stream("a/b");
    const error = await failureOf(stream.done());
    assert.deepEqual([error.code, error.requestId], ["invalid_answer", "r-1"]);
  }
  assert.equal((await failureOf(client(used).fal.run("a/b"))).code, "invalid_answer");
  const queued = await client(queue(locked)).fal.subscribe("a/b");
  assert.deepEqual(queued.data, { done: true });
});

test("what cannot be sent is refused by its name, with nothing sent", async () => {
  const { fal, sent } = client(() => Response.json({}));
  const user = { initialAcl: { rules: [{ user: "日本", decision: "allow" }] } };
  /** @type {[string, () => Promise<any>][]} */
  const calls = [
    ["hint", () => fal.run("a/b", { hint: "日本" })],
    ["hint", () => fal.queue.submit("a/b", { hint: "a\nb" })],
    ["hint", () => fal.subscribe("a/b", { hint: "a\0b" })],
    ["headers", () => fal.run("a/b", { headers: { "x-a": "a\nb" } })],
    ["accept", () => fal.stream("a/b", { accept: "a\r\nb" })],
    ["initialAcl", () => fal.run("a/b", { storageSettings: /** @type {any} */ (user) })],
    ["initialAcl", () => fal.storage.upload(new Blob(["x"]), { lifecycle: /** @type {any} */ (user) })],
  ];
  for (const [option, call] of calls) {
    const error = await failureOf(call());
    assert.equal(error.code, "invalid_option", option);
    assert.ok(error.message.includes(`\`${option}\``), error.message);
  }
  assert.equal(sent.length, 0);
});

test("memory that may grow is copied, and sent", async () => {
  /** @type {any[]} */
  const bodies = [];
  const { fal } = client((url, { body }) => {
    if (body instanceof Uint8Array) bodies.push(body);
    return Response.json({ upload_url: "https://files.example/x", file_url: "https://files.example/f" });
  });
  const buffer = Reflect.construct(ArrayBuffer, [3, { maxByteLength: 9 }]);
  new Uint8Array(buffer).set([1, 2, 3]);
  for (const file of [buffer, new Uint8Array(buffer, 1)]) await fal.storage.upload(file);
  assert.deepEqual(
    bodies.map((body) => [[...body], body.buffer.resizable]),
    [
      [[1, 2, 3], false],
      [[2, 3], false],
    ],
  );
});

test("a callback that rejects ends the call with its error, as one that throws does", async () => {
  const own = new Error("my own");
  const rejects = async () => {
    await undefined;
    throw own;
  };
  const { fal } = client(queue(events));
  assert.equal(await failureOf(fal.subscribe("a/b", { onQueueUpdate: rejects })), own);
  assert.equal(await failureOf(fal.subscribe("a/b", { onEnqueue: rejects })), own);
  const handle = fal.queue.handle("a/b", ID);
  assert.equal(await failureOf(handle.subscribeToStatus({ onQueueUpdate: async () => Promise.reject(own) })), own);
  const uploads = client(() => Response.json({ upload_url: "https://f.example/x", file_url: "https://f.example/f" }));
  assert.equal(await failureOf(uploads.fal.storage.upload(new Blob(["x"]), { onProgress: rejects })), own);
  for (const type of /** @type {const} */ (["data", "message", "done"])) {
    const stream = await client(() => events("data: 1\n\ndata: 2\n\n")).fal.stream("a/b");
    stream.on(type, rejects);
    assert.equal(await failureOf(stream.done()), own, type);
  }
});
