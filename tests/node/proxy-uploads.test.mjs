/** Which files browsers may upload, and how long they live: what the app says, whatever a browser says. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { PROXY_URL, byHeader, callTo, visitor } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const INITIATE = "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3";
const MULTIPART = "https://rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3";

/** @param {any} uploads @param {any} [options] */
function proxyWith(uploads, options) {
  /** @type {{ body: string, lifecycle: (string | null)[] }[]} */
  const sent = [];
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*"],
    credentials: KEY,
    uploads,
    fetch: (/** @type {any} */ url, /** @type {any} */ init) => {
      const headers = new Headers(init.headers);
      const names = ["x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"];
      sent.push({
        body: new TextDecoder().decode(init.body),
        lifecycle: names.map((name) => headers.get(name)),
      });
      return emulator.fetch(url, init);
    },
    ...options,
  });
  return { proxy, sent };
}

/** A browser's client: the bytes of a file go to fal's storage without the proxy. @param {(request: Request) => Promise<Response>} proxy */
const client = (proxy) =>
  visitor(proxy, "ann", {
    fetch: async (/** @type {any} */ url, /** @type {any} */ init) => {
      if (!String(url).startsWith(PROXY_URL)) return fetch(url, init);
      const request = new Request(url, init);
      request.headers.set("x-visitor", "ann");
      return proxy(request);
    },
  });

test("files of the types that the app names are uploaded, and no others, in one piece and in parts", async () => {
  const { proxy, sent } = proxyWith({ types: ["image/*", "text/plain"] });
  for (const type of ["image/png", "text/plain;charset=utf-8"]) {
    const url = await client(proxy).storage.upload(new Blob(["hello"], { type }), { fileName: "a" });
    assert.equal(await (await fetch(url)).text(), "hello");
  }
  const error = await failureOf(client(proxy).storage.upload(new Blob(["<p>"], { type: "text/html" })));
  assert.deepEqual([error.code, error.status], ["input_not_allowed", 422]);
  assert.match(JSON.stringify(error.body.detail), /content_type.*image\/\*, text\/plain/);
  const calls = sent.length;
  for (const target of [INITIATE, MULTIPART]) {
    for (const body of [
      "{}",
      "[]",
      "null",
      "no",
      '{"content_type":5}',
      '{"content_type":["image/png"]}',
      '{"content_type":"image"}',
      '{"content_type":"image/*"}',
      '{"content_type":"image/png","content_type":"text/html"}',
      '{"content_type":"image/png","file_name":5}',
    ]) {
      assert.equal((await proxy(callTo(target, { body }))).status, 422, body);
    }
    assert.equal((await proxy(callTo(target, { body: JSON.stringify({ content_type: "image/png" }) }))).status, 200);
  }
  assert.equal(sent.length, calls + 2);
});

test("what was judged is what fal reads: only the two fields, each once", async () => {
  const { proxy, sent } = proxyWith({ types: ["image/png"] });
  const body =
    '{"content_type":"text/html","file_name":"a.html","more":1,"content_type":"image/png","file_name":"a.png"}';
  assert.equal((await proxy(callTo(INITIATE, { body }))).status, 200);
  assert.deepEqual(sent[0]?.body, '{"content_type":"image/png","file_name":"a.png"}');
});

test("how long a file lives is what the app says, whatever a browser says, and only for uploads", async () => {
  const forwardHeaders = ["x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"];
  const lifecycle = { expiresIn: "1d", initialAcl: { default: "forbid", rules: [{ user: "me", decision: "allow" }] } };
  const { proxy, sent } = proxyWith({ lifecycle }, { forwardHeaders });
  const mine = JSON.stringify({ expiration_duration_seconds: 1 });
  const headers = { "x-fal-object-lifecycle": mine, "x-fal-object-lifecycle-preference": mine };
  const body = JSON.stringify({ content_type: "image/png", file_name: "a.png" });
  for (const target of [INITIATE, MULTIPART])
    assert.equal((await proxy(callTo(target, { headers, body }))).status, 200);
  assert.equal((await proxy(callTo("https://fal.run/emulator/echo", { headers }))).status, 200);
  const forced = JSON.stringify({ expiration_duration_seconds: 86_400, initial_acl: lifecycle.initialAcl });
  assert.deepEqual(
    sent.map(({ lifecycle }) => lifecycle),
    [
      [forced, forced],
      [forced, forced],
      [mine, mine],
    ],
  );
});

test("rules for uploads that are none are mistakes", () => {
  for (const [uploads, says] of /** @type {[any, RegExp][]} */ ([
    [{}, /`uploads` does nothing without one of types, lifecycle/],
    [{ types: [] }, /`types` takes a list of at least 1/],
    [{ types: ["png"] }, /`types.0` is neither a media type/],
    [{ types: ["*"] }, /`types.0`/],
    [{ types: ["Image/png"] }, /lower case/],
    [{ type: ["image/png"] }, /did you mean `types`/],
    [{ maxBytes: 5 }, /`maxBytes`/],
    [{ lifecycle: {} }, /does nothing without one of expiresIn, initialAcl/],
    [{ lifecycle: { expiresIn: "1w" } }, /`lifecycle.expiresIn` takes/],
    [{ lifecycle: { expiresIn: 0 } }, /`lifecycle.expiresIn` takes/],
    [{ lifecycle: { initialAcl: { rules: [{ user: "日", decision: "allow" }] } } }, /header cannot have/],
    [{ lifecycle: { initialAcl: { default: "no" } } }, /`lifecycle.initialAcl.default` takes/],
  ])) {
    assert.throws(
      () => proxyWith(uploads),
      (/** @type {any} */ error) => {
        assert.equal(error.code, "invalid_option");
        assert.match(error.message, says);
        return true;
      },
    );
  }
});
