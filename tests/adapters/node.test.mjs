/** A handler of requests and responses in everything that speaks `node:http`. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask, createServer } from "node:http";
import { connect as connect2 } from "node:http2";
import { connect as open } from "node:net";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { toNodeHandler } from "fal-wasm/proxy/node";

import { stopClock } from "../lib/clock.mjs";
import { door, listening } from "../lib/doors.mjs";
import { pause, until } from "../lib/expect.mjs";
import { PATH, servers } from "../lib/frameworks.mjs";

/** @param {string} [path] @param {RequestInit} [init] */
const call = (path = PATH, init) => new Request(`https://app.example${path}`, init);

/** A JSON body. @param {any} value */
const json = (value) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

/**
 * Resolves once a number has not grown for a while. On a slow machine that may be too early, which can only hide that more
 * would have been taken.
 *
 * @param {() => number} count
 */
async function settled(count) {
  let last = -1;
  let still = 0;
  await until(() => {
    still = count() === last ? still + 1 : 0;
    last = count();
    return still > 5;
  });
  return last;
}

const MIB = 1024 * 1024;

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const gc = runInNewContext("gc");

for (const [name, serve] of Object.entries(servers)) {
  const isHttp2 = name === "node:http2";

  test(`${name}: method, URL, headers and body arrive, status and headers come back`, async (t) => {
    /** @type {any} */
    let seen;
    const { send, stop } = await serve(async (request) => {
      const { method, url, headers } = request;
      seen = { method, url, type: headers.get("content-type"), own: headers.get("x-own"), body: await request.json() };
      return new Response("teapot", {
        status: 418,
        headers: [
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
          ["x-answer", "yes"],
        ],
      });
    });
    t.after(stop);
    const body = { prompt: "ü🦊", list: [1, null] };
    const answer = await send(
      call(`${PATH}?a=b%20c`, { ...json(body), headers: { "content-type": "application/json", "x-own": "1" } }),
    );
    assert.deepEqual(seen, {
      method: "POST",
      url: `http://app.example${PATH}?a=b%20c`,
      type: "application/json",
      own: "1",
      body,
    });
    assert.deepEqual([answer.status, answer.headers.get("x-answer"), await answer.text()], [418, "yes", "teapot"]);
    assert.deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
    if (name.startsWith("Fastify")) assert.equal(answer.headers.get("x-hook"), "ran", "what hooks have set");
  });

  test(`${name}: a visit that ends well is not aborted, and HEAD has no body, however long`, async (t) => {
    /** @type {AbortSignal[]} */
    const signals = [];
    let cancelled = false;
    const { send, stop } = await serve(async ({ method, signal }) => {
      signals.push(signal);
      if (method === "GET") return new Response("well");
      const endless = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1000)),
        cancel: () => void (cancelled = true),
      });
      return new Response(endless, { headers: { "x-head": "yes" } });
    });
    t.after(stop);
    assert.equal(await (await send(call())).text(), "well");
    const head = await send(call(PATH, { method: "HEAD" }));
    assert.deepEqual([head.headers.get("x-head"), await head.text()], ["yes", ""]);
    // Hono drops that body itself.
    if (!name.startsWith("Hono")) await until(() => cancelled);
    await send(call());
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, false, false],
    );
  });

  test(`${name}: an answer flows as it is made`, async (t) => {
    const encoder = new TextEncoder();
    /** @type {ReadableStreamDefaultController<Uint8Array> | undefined} */
    let out;
    const body = new ReadableStream({ start: (controller) => void (out = controller) });
    const { send, stop } = await serve(
      async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
    );
    t.after(stop);
    const answer = await send(call());
    const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
    for (const text of ["data: 1\n\n", "data: 2\n\n"]) {
      out?.enqueue(encoder.encode(text));
      // Only what has arrived lets the next one be made.
      assert.equal(new TextDecoder().decode((await reader.read()).value), text);
    }
    out?.close();
    assert.equal((await reader.read()).done, true);
  });

  test(`${name}: a visitor who does not read holds back the answer, and one who leaves ends it`, async (t) => {
    let pulled = 0;
    let cancelled = false;
    /** @type {AbortSignal | undefined} */
    let signal;
    const { send, stop } = await serve(async (request) => {
      signal = request.signal;
      return new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array((pulled += 65_536) && 65_536)),
          cancel: () => void (cancelled = true),
        }),
      );
    });
    t.after(stop);
    const answer = await send(call());
    const held = await settled(() => pulled);
    assert.ok(held < 16 * MIB, `${held / MIB} MiB were taken`);
    assert.equal(signal?.aborted, false);
    // The request is nobody's any more, and its signal is still good for something.
    for (let round = 0; round < 2; round += 1) {
      gc();
      await pause(1);
    }
    await answer.body?.cancel();
    await until(() => Boolean(signal?.aborted) && cancelled);
  });

  test(`${name}: an answer that breaks off does not look whole`, async (t) => {
    let parts = 0;
    const { send, stop } = await serve(
      async () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              if ((parts += 1) > 3) throw new Error("upstream is gone");
              controller.enqueue(new Uint8Array(1000));
            },
          }),
        ),
    );
    t.after(stop);
    const answer = await send(call());
    await assert.rejects(answer.arrayBuffer());
  });

  if (isHttp2) continue;

  test(`${name}: a visitor who leaves before the answer aborts the request`, async (t) => {
    /** @type {AbortSignal | undefined} */
    let signal;
    const { port, stop } = await serve((request) => {
      signal = request.signal;
      return new Promise((done) => request.signal.addEventListener("abort", () => done(new Response("too late"))));
    });
    t.after(stop);
    const going = ask({ host: "127.0.0.1", port, path: PATH });
    going.on("error", () => {});
    going.end();
    await until(() => signal !== undefined);
    assert.equal(signal?.aborted, false);
    going.destroy();
    await until(() => signal?.aborted === true);
  });

  // A parser reads all of it, up to its limit.
  if (name.includes("json()") || name.includes("parsers")) continue;

  test(`${name}: a handler that reads no further holds back the body, and the connection lives on when it is refused`, async (t) => {
    let refuse = () => {};
    const refusal = new Promise((done) => (refuse = () => done(undefined)));
    const { port, stop } = await serve(async ({ url, body }) => {
      if (url.endsWith("?second")) return new Response("second");
      await body?.getReader().read();
      await refusal;
      return new Response("too large", { status: 413 });
    });
    t.after(stop);
    const socket = open(port, "127.0.0.1");
    t.after(() => socket.destroy());
    let said = "";
    socket.on("data", (chunk) => (said += chunk));
    const size = 32 * MIB;
    socket.write(`POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: ${size}\r\n\r\n`);
    socket.write(new Uint8Array(size));
    const left = () => socket.writableLength;
    await settled(left);
    assert.ok(left() > 0 && said === "", "all of it was taken");
    refuse();
    await until(() => said.includes("too large"));
    socket.write(`GET ${PATH}?second HTTP/1.1\r\nhost: a\r\n\r\n`);
    await until(() => said.includes("second"));
  });
}

test("after a refusal a body is not taken without end, neither a large nor a slow one", async (t) => {
  const clock = stopClock(t);
  const { port, stop } = await servers["node:http"](async () => new Response("no", { status: 401 }));
  t.after(stop);
  const head = `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: ${1024 * MIB}\r\n\r\n`;
  /** What a client hears, how much of it was taken, and when it is over. */
  const client = () => {
    const socket = open(port, "127.0.0.1");
    const seen = { said: "", sent: 0, ended: false };
    socket.on("data", (chunk) => (seen.said += chunk));
    socket.on("error", () => {});
    socket.on("close", () => void (seen.ended = true));
    socket.write(head);
    t.after(() => socket.destroy());
    return { socket, seen };
  };
  const large = client();
  await until(() => large.seen.said.includes("401"));
  const more = () => {
    while (!large.seen.ended && large.socket.write(new Uint8Array(MIB))) large.seen.sent += MIB;
  };
  large.socket.on("drain", () => (large.seen.sent += MIB) && more());
  more();
  await until(() => large.seen.ended);
  assert.ok(large.seen.sent < 128 * MIB, `${large.seen.sent / MIB} MiB were taken`);

  const slow = client();
  await until(() => slow.seen.said.includes("401"));
  clock.pass(29_999);
  slow.socket.write("x");
  await pause(20);
  assert.equal(slow.seen.ended, false);
  clock.pass(1);
  await until(() => slow.seen.ended);
});

test("over HTTP/2 what a refused stream still sends ends that stream, and no other", async (t) => {
  const clock = stopClock(t);
  const { port, stop } = await servers["node:http2"](async () => new Response("no", { status: 401 }));
  const session = connect2(`http://127.0.0.1:${port}`);
  t.after(() => (session.destroy(), stop()));
  const slow = session.request({ ":method": "POST", ":path": PATH });
  slow.on("error", () => {});
  slow.write("x");
  const [headers] = await once(slow, "response");
  assert.equal(headers[":status"], 401);
  slow.resume();
  // The server ends its side, and with it the stream: there is nothing left to drain.
  await until(() => (clock.pass(30_000), slow.destroyed));
  const next = session.request({ ":method": "POST", ":path": PATH });
  next.end("{}");
  const [second] = await once(next, "response");
  assert.equal(second[":status"], 401);
  next.resume();
});

test("a body as large as it likes flows through, piece by piece", async (t) => {
  const { send, stop } = await servers["node:http"](async ({ body }) => {
    let size = 0;
    let most = 0;
    for await (const { byteLength } of /** @type {any} */ (body)) {
      size += byteLength;
      most = Math.max(most, byteLength);
    }
    return Response.json({ size, small: most <= MIB });
  });
  t.after(stop);
  const answer = await send(call(PATH, { method: "POST", body: new Uint8Array(48 * MIB) }));
  assert.deepEqual(await answer.json(), { size: 48 * MIB, small: true });
});

/** Says something to a server word by word, and hears what it says until it hangs up. @param {number} port @param {string} text */
const rawly = (port, text) =>
  new Promise((done) => {
    let said = "";
    const socket = open(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => (said += chunk));
    socket.on("close", () => done(said));
  });

test("what is no request gets an answer, and nobody chooses where the server is", async (t) => {
  /** @type {string[]} */
  const urls = [];
  const { port, stop } = await servers["node:http"](async ({ url }) => {
    urls.push(url);
    return new Response(null, { status: 204 });
  });
  t.after(stop);
  const end = "connection: close\r\n\r\n";
  for (const [line, host] of [
    ["TRACE / HTTP/1.1", "host: a.example\r\n"],
    ["GET / HTTP/1.1", "host: user:word@a.example\r\n"],
    ["GET / HTTP/1.1", "host: a.example/evil?\r\n"],
    ["GET / HTTP/1.0", ""],
  ]) {
    const said = await rawly(port, `${line}\r\n${host}${end}`);
    assert.match(said, /^HTTP\/1\.1 400 [\s\S]*"code":"bad_request"/, line + host);
  }
  assert.deepEqual(urls, []);
  for (const path of ["http://evil.example/x?y", "//evil.example/x", "/a/../b"]) {
    assert.match(await rawly(port, `GET ${path} HTTP/1.1\r\nhost: a.example:81\r\n${end}`), /^HTTP\/1\.1 204/, path);
  }
  assert.deepEqual(urls, ["http://a.example:81/x?y", "http://a.example:81//evil.example/x", "http://a.example:81/b"]);
});

test("a handler that throws is an answer, and a server's own origin is what its options say", async (t) => {
  const { send, stop } = await servers["node:http"](
    async ({ url }) => {
      if (url === "https://own.example/boom") throw new Error("secret");
      return new Response(url);
    },
    { origin: "https://own.example" },
  );
  t.after(stop);
  const failed = await send(call("/boom"));
  const text = await failed.text();
  assert.deepEqual([failed.status, JSON.parse(text).error.code, text.includes("secret")], [500, "internal", false]);
  assert.equal(await (await send(call("/x"))).text(), "https://own.example/x");
  for (const origin of ["own.example", "https://own.example/", "https://own.example/api", ""])
    assert.throws(() => toNodeHandler(async () => new Response(), { origin }), { code: "invalid_option" }, origin);
});

test("what middleware took away stays away, and it is passed on what middleware found out", async (t) => {
  const handle = toNodeHandler(async ({ headers }, _env, { req, res }) =>
    Response.json({ user: req.user, there: typeof res.end, internal: headers.get("x-internal-user") }),
  );
  const server = createServer((req, res) => {
    Reflect.deleteProperty(req.headers, "x-internal-user");
    void handle(Object.assign(req, { user: "ann" }), res);
  });
  const send = door(await listening(server));
  t.after(() => server.close());
  const answer = await send(call(PATH, { headers: { "x-internal-user": "root" } }));
  assert.deepEqual(await answer.json(), { user: "ann", there: "function", internal: null });
});
