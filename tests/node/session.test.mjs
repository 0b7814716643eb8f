/** Sessions with world models: this client, and real WebRTC on the other side. */

import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";

import * as werift from "werift";

import { createFalClient } from "../../dist/edge/index.js";
import { defineRealtimeExtension } from "../../dist/edge/realtime/extension.js";
import { gatherIceCandidates } from "../../dist/edge/realtime/index.js";
import { fakeExtensionContext } from "../../dist/edge/realtime/testing.js";
import { RealtimeSessionError, wma } from "../../dist/edge/realtime/wma.js";
import { createBridge } from "../lib/bridge.mjs";

const APP = "my-account/my-world";
const TARGET = "x-fal-target-url";

/** werift, as a page has it: with events of the DOM. */
class BrowserPeer extends EventTarget {
  #peer;
  constructor(/** @type {any} */ options) {
    super();
    // The servers of tests are nobody's: only the computer's own addresses are gathered.
    this.options = options;
    this.#peer = new werift.RTCPeerConnection({ iceServers: [], iceAdditionalHostAddresses: ["127.0.0.1"] });
    const tell = (/** @type {string} */ name, more = {}) => this.dispatchEvent(Object.assign(new Event(name), more));
    this.#peer.iceGatheringStateChange.subscribe(() => tell("icegatheringstatechange"));
    this.#peer.connectionStateChange.subscribe(() => tell("connectionstatechange"));
    this.#peer.onIceCandidate.subscribe((candidate) => candidate && tell("icecandidate", { candidate }));
    BrowserPeer.made.push(this);
  }
  /** @type {BrowserPeer[]} */
  static made = [];
  closed = false;
  get iceGatheringState() {
    return this.#peer.iceGatheringState;
  }
  get connectionState() {
    return this.#peer.connectionState;
  }
  get iceConnectionState() {
    return this.#peer.iceConnectionState;
  }
  get localDescription() {
    return this.#peer.localDescription;
  }
  addTransceiver(/** @type {any} */ kind, /** @type {any} */ options) {
    return this.#peer.addTransceiver(kind, options);
  }
  createDataChannel(/** @type {string} */ label) {
    const channel = this.#peer.createDataChannel(label);
    const target = Object.assign(new EventTarget(), {
      bufferedAmount: 0,
      send: (/** @type {string} */ data) => channel.send(data),
      close: () => channel.close(),
    });
    Object.defineProperty(target, "readyState", { get: () => channel.readyState });
    channel.stateChanged.subscribe((state) => {
      if (state === "open") target.dispatchEvent(new Event("open"));
      if (state === "closed") target.dispatchEvent(new Event("close"));
    });
    channel.onMessage.subscribe((data) => target.dispatchEvent(new MessageEvent("message", { data })));
    return target;
  }
  createOffer() {
    return this.#peer.createOffer();
  }
  async setLocalDescription(/** @type {any} */ description) {
    await this.#peer.setLocalDescription(description);
  }
  async setRemoteDescription(/** @type {any} */ description) {
    await this.#peer.setRemoteDescription(description);
  }
  close() {
    this.closed = true;
    void this.#peer.close();
  }
}
Object.assign(globalThis, { RTCPeerConnection: BrowserPeer });

/** @type {(() => unknown)[]} */
const cleanups = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  BrowserPeer.made.length = 0;
});

// werift keeps the sockets of a peer that is closed while it gathers candidates, which would keep this process.
after(() => void setTimeout(() => process.exit(), 500));

/** A client whose proxy is the bridge itself. @param {Parameters<typeof createBridge>[0]} [options] */
function opened(options) {
  const bridge = createBridge(options);
  cleanups.push(bridge.close);
  const fal = createFalClient({
    proxyUrl: { url: "https://app.example/api/fal/proxy", when: "always" },
    retry: { maxRetries: 0 },
    fetch: async (_url, init) => {
      const target = String(new Headers(init?.headers).get(TARGET));
      if (!target.startsWith("https://wma.fal.run/")) return new Response("{}", { status: 404 });
      return bridge.fetch(target, init);
    },
  });
  return { bridge, fal };
}

/** Resolves when something is so; it is looked at again after each turn of the loop. @param {() => unknown} is */
async function until(is) {
  const began = Date.now();
  while (!is()) {
    assert.ok(Date.now() - began < 10_000, `never: ${is}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const answer of /** @type {const} */ (["json", "stream"])) {
  test(`messages reach a real runner in order, from before the session is live (${answer})`, async () => {
    const { bridge, fal } = opened({ answer });
    /** @type {string[]} */
    const [states, heard] = [[], []];
    const session = fal.realtime.open(wma(APP), {
      receive: ["video"],
      onState: (state) => states.push(state),
      onData: (raw) => heard.push(raw),
    });
    cleanups.push(session.close);
    assert.equal(session.state, "opening");
    session.send({ n: 1 });
    session.send({ n: 2 });
    await session.ready;
    session.send({ n: 3 });
    await until(() => heard.length === 3);
    assert.deepEqual(heard, ['echo {"n":1}', 'echo {"n":2}', 'echo {"n":3}']);
    assert.equal(session.session?.sessionId, "s-1");
    assert.deepEqual(
      bridge.calls.map(({ path, body }) => [path, body.app_id, body.type]),
      [
        ["/ice", APP, undefined],
        ["/session", APP, "offer"],
      ],
    );
    assert.match(bridge.calls[1]?.body.sdp, /a=candidate:.* typ host/);
    await session.close();
    assert.deepEqual(states, ["live", "closed"]);
    assert.ok(BrowserPeer.made.every(({ closed }) => closed));
    session.send({ n: 4 });
    assert.equal(bridge.sessions.length, 1);
  });
}

test("an offer whose fate is unknown is never sent again, and says so", async () => {
  for (const fault of /** @type {const} */ (["answerLost", "serverError", "notJson"])) {
    const { bridge, fal } = opened();
    bridge.faults.push(fault);
    /** @type {any[]} */
    const errors = [];
    const session = fal.realtime.open(wma(APP), { receive: [], reopen: 3, onError: (error) => errors.push(error) });
    await assert.rejects(session.ready, { name: "RealtimeSessionError", code: "acceptance_unknown", retryable: false });
    assert.equal(session.state, "failed");
    assert.equal(errors.length, 1);
    assert.ok(errors[0] instanceof RealtimeSessionError);
    assert.equal(bridge.sessions.length, 1, fault);
    assert.equal(bridge.calls.filter(({ path }) => path === "/session").length, 1);
  }
});

test("a refusal says what fal said", async () => {
  const { bridge, fal } = opened();
  bridge.faults.push("refused");
  const session = fal.realtime.open(wma(APP), { receive: [] });
  await assert.rejects(session.ready, (/** @type {any} */ error) => {
    assert.equal(error.code, "session_refused");
    assert.equal(error.status, 422);
    assert.match(error.message, /not deployed/);
    return true;
  });
  assert.ok(BrowserPeer.made.every(({ closed }) => closed));
});

test("the end of a streamed answer is the end of the session", async () => {
  const { bridge, fal } = opened({ answer: "stream" });
  const session = fal.realtime.open(wma(APP), { receive: [] });
  await session.ready;
  bridge.endStreams();
  await until(() => session.state === "closed");
  assert.ok(BrowserPeer.made.every(({ closed }) => closed));
});

test("without ICE servers there is a warning, and a session all the same", async () => {
  const { fal } = opened({ ice: "none" });
  /** @type {string[]} */
  const warnings = [];
  const session = fal.realtime.open(wma(APP), {
    receive: [],
    onDiagnostic: (event) => event.kind === "warning" && warnings.push(event.message),
  });
  cleanups.push(session.close);
  await session.ready;
  assert.equal(warnings.length, 2);
  assert.match(warnings[1] ?? "", /no relay/);
});

test("a refused camera, a wrong option and a proxy that is missing open nothing", async () => {
  const { bridge, fal } = opened();
  const refused = fal.realtime.open(wma(APP), { localStream: Promise.reject(new Error("NotAllowedError")) });
  await assert.rejects(refused.ready, { code: "media_refused" });
  const wrong = {
    recieve: [],
    receive: ["text"],
    direction: "up",
    reopen: -1,
    hiddenTimeoutMs: 0.5,
    iceServers: {},
    iceTransportPolicy: "none",
  };
  for (const [name, value] of Object.entries(wrong)) {
    const session = fal.realtime.open(wma(APP), /** @type {any} */ ({ [name]: value }));
    await assert.rejects(session.ready, (/** @type {any} */ error) => error.message.includes(`\`${name}\``), name);
  }
  await assert.rejects(fal.realtime.open(wma()).ready, /requires an app endpoint id/);
  const direct = createFalClient({ env: { FAL_KEY: "no key is used" } });
  await assert.rejects(direct.realtime.open(wma(APP)).ready, /proxyUrl/);
  assert.equal(bridge.calls.length, 0);
});

test("close while it opens cancels, is no error, and leaves no session behind", async () => {
  const { bridge, fal } = opened();
  /** @type {unknown[]} */
  const errors = [];
  const session = fal.realtime.open(wma(APP), { receive: [], onError: (error) => errors.push(error) });
  await until(() => BrowserPeer.made.length > 0 || bridge.calls.length > 0);
  await session.close();
  assert.equal(session.state, "closed");
  await assert.rejects(session.ready);
  assert.deepEqual(errors, []);
  assert.ok(BrowserPeer.made.every(({ closed }) => closed));
  assert.ok(bridge.sessions.every(({ beats }) => beats === 0));
});

test("extensions of others have queue, states and cleanups", async () => {
  const { fal } = opened();
  /** @type {unknown[]} */
  const [sent, order] = [[], []];
  let release = () => {};
  const gate = new Promise((resolve) => (release = () => resolve(undefined)));
  const own = defineRealtimeExtension({
    id: "test/own",
    defaultEndpoint: "test/own",
    async open(context) {
      context.addCleanup(() => order.push("first"));
      context.addCleanup(() => order.push("second"));
      await gate;
      return {
        send: (/** @type {unknown} */ message) => void sent.push(message),
        close: () => void order.push("closed"),
      };
    },
  });
  /** @type {string[]} */
  const warnings = [];
  const session = fal.realtime.open(own, {
    onDiagnostic: (event) => event.kind === "warning" && warnings.push(event.message),
    onState: (state) => state === "live" && session.send("from onState"),
  });
  for (let n = 0; n < 70; n += 1) session.send(n);
  release();
  await session.ready;
  assert.deepEqual([sent.length, sent[0], sent.at(-1), warnings.length], [65, 6, "from onState", 1]);
  await Promise.all([session.close(), session.close()]);
  assert.deepEqual(order, ["second", "first", "closed"]);
});

test("extensions of others send requests until the session ends, and one with keepalive beyond it", async () => {
  /** @type {{ method: string, target: string, body: string, own: string, keepalive: unknown }[]} */
  const seen = [];
  let release = () => {};
  const fal = createFalClient({
    proxyUrl: { url: "https://app.example/api/fal/proxy", when: "always" },
    retry: { maxRetries: 0 },
    fetch: async (_url, init = {}) => {
      const headers = new Headers(init.headers);
      const { method = "", body, keepalive } = init;
      seen.push({
        method,
        target: String(headers.get(TARGET)),
        body: new TextDecoder().decode(/** @type {any} */ (await new Response(body).arrayBuffer())),
        own: String(headers.get("x-own")),
        keepalive,
      });
      if (seen.length < 2) return new Response('{"n":1}');
      // As fetch does: it is over when its signal is.
      return new Promise((resolve, reject) => {
        release = () => resolve(new Response("late"));
        if (init.signal?.aborted) reject(init.signal.reason);
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    },
  });
  /** @type {Promise<string>[]} */
  const late = [];
  const own = defineRealtimeExtension({
    id: "test/own",
    defaultEndpoint: "test/own",
    async open(context) {
      const ask = (/** @type {RequestInit} */ init = {}) => context.fetch("https://fal.run/test/own/hello", init);
      const first = await ask({ body: '{"a":1}', headers: { "x-own": "mine" } });
      assert.deepEqual(await first.json(), { n: 1 });
      const text = (/** @type {Promise<Response>} */ asked) =>
        asked.then(
          (response) => response.text(),
          (error) => error.name,
        );
      const pc = Object.assign(new EventTarget(), { iceGatheringState: "complete", localDescription: { sdp: "" } });
      const found = await context.gatherIce(/** @type {any} */ (pc));
      assert.deepEqual(found, { host: 0, srflx: 0, relay: 0, state: "complete" });
      late.push(text(ask()));
      context.addCleanup(() => void late.push(text(ask({ keepalive: true }))));
      return { close() {} };
    },
  });
  const session = fal.realtime.open(own);
  await session.ready;
  await session.close();
  assert.equal(await late[0], "AbortError");
  await until(() => seen.length === 3);
  release();
  assert.equal(await late[1], "late");
  const target = "https://fal.run/test/own/hello";
  const [first, second, third] = seen;
  assert.deepEqual(first, { method: "POST", target, body: '{"a":1}', own: "mine", keepalive: undefined });
  assert.deepEqual([second?.keepalive, third?.keepalive], [undefined, true]);

  // Whoever has given up before asks for nothing.
  const reason = new Error("left");
  const gone = fal.realtime.open(own, { abortSignal: AbortSignal.abort(reason) });
  await assert.rejects(gone.ready, (error) => error === reason);
  assert.deepEqual([gone.state, seen.length], ["failed", 3]);
});

test("what a fake context lacks, tests of extensions lack: it has all members", async () => {
  const context = fakeExtensionContext({ endpointId: "a/b" });
  assert.equal(context.endpointId, "a/b");
  assert.deepEqual(await context.gatherIce(/** @type {any} */ ({})), {
    host: 0,
    srflx: 0,
    relay: 0,
    state: "complete",
  });
  const pc = {
    iceGatheringState: "complete",
    localDescription: { sdp: "a=candidate:1 1 udp 1 1.2.3.4 5 typ relay\r\n" },
  };
  const own = Object.assign(new EventTarget(), pc);
  const found = await gatherIceCandidates(/** @type {any} */ (own));
  assert.deepEqual(found, { host: 0, srflx: 0, relay: 1, state: "complete" });
});
