/** Bodies that somebody has read before they came to the adapter for `node:http`, and those that nobody may have. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import express from "express";
import { toNodeHandler } from "fal-wasm/proxy/node";
import { createWebhookHandler } from "fal-wasm/webhook";

import { door, listening } from "../lib/doors.mjs";
import { makeKey, publish, signed } from "../lib/webhooks.mjs";

/** @param {string} path @param {RequestInit} init */
const call = (path, init) => new Request(`https://app.example${path}`, init);

/** A call as a framework would make it that has read the body already. @param {object} had @param {string} type @param {(request: Request) => Promise<Response>} handler */
async function afterReading(had, type, handler) {
  const handle = toNodeHandler(handler);
  const server = createServer(async (req, res) => {
    for await (const _ of req);
    await handle(Object.assign(req, had), res);
  });
  const send = door(await listening(server));
  try {
    const answer = await send(call("/", { method: "POST", headers: { "content-type": type }, body: "read before" }));
    return { status: answer.status, text: await answer.text() };
  } finally {
    server.close();
  }
}

test("a body that was read before is taken from where it was put, or missed aloud", async () => {
  const echo = async (/** @type {Request} */ request) => new Response(await request.text());
  const texts = async (/** @type {object} */ had, type = "application/json") =>
    (await afterReading(had, type, echo)).text;
  assert.equal(await texts({ body: { a: [1, "ü"] } }), '{"a":[1,"ü"]}');
  assert.equal(await texts({ body: null }), "null");
  assert.equal(await texts({ body: "as it was" }, "text/plain"), "as it was");
  assert.equal(await texts({ body: Buffer.from("bytes") }, "application/octet-stream"), "bytes");
  assert.equal(await texts({ body: { a: 1 }, rawBody: Buffer.from('{ "a": 1 }') }), '{ "a": 1 }', "to the letter");
  for (const [had, type] of /** @type {const} */ ([
    [{}, "application/json"],
    [{ body: { a: "1" } }, "application/x-www-form-urlencoded"],
  ])) {
    const { status, text } = await afterReading(had, type, echo);
    assert.deepEqual([status, JSON.parse(text).error.code], [500, "body_consumed"]);
    assert.match(text, /before the body parser/);
  }
});

test("webhooks: to the letter before a parser and in a raw one, and refused after one that takes them apart", async (t) => {
  const key = await makeKey();
  const { fetch } = publish(key);
  const app = express();
  const events = /** @type {any[]} */ ([]);
  const hook = toNodeHandler(createWebhookHandler({ fetch, onEvent: ({ payload }) => void events.push(payload) }));
  app.post("/before", hook);
  app.post("/raw", express.raw({ type: "application/json" }), hook);
  app.post("/after", express.json(), hook);
  const server = createServer(app);
  const send = door(await listening(server));
  t.after(() => server.close());
  const statuses = [];
  for (const path of ["/before", "/raw", "/after"]) {
    const { headers, body } = await signed(key);
    const init = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body };
    statuses.push((await send(call(path, init))).status);
  }
  assert.deepEqual([statuses, events.length], [[200, 200, 401], 2]);
});
