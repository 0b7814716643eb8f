/**
 * What is a server elsewhere: the proxy, and behind it fal's emulator. It answers the pages of its folder only. Nothing that is
 * for fal leaves the browser, and once it has been here, nothing else needs a network either.
 *
 * `VERSION` is put in when it is built.
 */

import { createEmulator } from "fal-emulator/in-memory";

import { BUSY, commandOf } from "./network.js";
import { createProxy } from "./proxy.js";
import { witnessed } from "./witness.js";

const CACHE = `fal-wasm-playground-${VERSION}`;
const MODEL = new URL("emulator.wasm", registration.scope).href;
const PROXY = new URL("api/fal/proxy", registration.scope).href;
/** Where pictures are, and where files go. */
const FAL = /(?:^|\.)fal\.(?:ai|media|run)$/;

let starting;
let on = [];

/** The emulator, from when it is first needed. Its key is made when it starts, and known here only. */
const emulator = () => (starting ??= start());

async function start() {
  const response = (await caches.match(MODEL)) ?? (await fetch(MODEL));
  const wasm = await WebAssembly.compile(await response.arrayBuffer());
  return createEmulator({ wasm, settings: { ...BUSY, ...commandOf(on) } });
}

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.add(MODEL)));
});

addEventListener("activate", (event) => event.waitUntil(Promise.all([clients.claim(), forgetOthers()])));

async function forgetOthers() {
  const mine = (name) => name.startsWith("fal-wasm-playground-") && name !== CACHE;
  await Promise.all((await caches.keys()).filter(mine).map((name) => caches.delete(name)));
}

addEventListener("fetch", (event) => {
  const { request, clientId } = event;
  const url = new URL(request.url);
  if (url.href === PROXY || FAL.test(url.hostname)) event.respondWith(answer(request, clientId, url.href === PROXY));
  else if (url.origin === location.origin && request.method === "GET") event.respondWith(fromNetwork(request));
});

/** What a page sends to its proxy, or to where files are. */
async function answer(request, clientId, isForProxy) {
  const { key, fetch } = await emulator();
  const client = await clients.get(clientId);
  const tell = (entry) => client?.postMessage(entry);
  const { method, url } = request;
  const body = ["GET", "HEAD"].includes(method) ? undefined : await request.clone().arrayBuffer();
  const sent = { by: "page", method, url, headers: [...request.headers], body };
  const respond = async () => {
    if (on.includes("offline")) return Response.error();
    if (!isForProxy) return fetch(request);
    const watched = (target, init) => {
      const { method = "GET", headers, body } = init;
      const bytes = body instanceof Uint8Array ? body : undefined;
      const passed = { by: "proxy", method, url: String(target), headers: [...new Headers(headers)], body: bytes };
      return witnessed(tell, key, passed, () => fetch(target, init));
    };
    return createProxy({ key, fetch: watched })(asSent(request, body));
  };
  return witnessed(tell, key, sent, respond);
}

/**
 * As a server gets it: with what a browser adds to a request that leaves it, and a page cannot change. `body` is what Firefox
 * does not have.
 */
const asSent = (request, body) =>
  Object.defineProperties(request, {
    headers: {
      value: new Headers([...request.headers, ["origin", location.origin], ["sec-fetch-site", "same-origin"]]),
    },
    body: { value: body ? new Response(body).body : null },
  });

/** What is of the site: from the network, or as it was last. */
async function fromNetwork(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

/** What a page asks for, each with an answer when it is done. */
const COMMANDS = {
  /** A page that was loaded around this, as by Shift and Reload. */
  claim: () => clients.claim(),
  /** What was loaded before this was there. */
  keep: async (urls) => (await caches.open(CACHE)).addAll(urls),
  /** The switches that are on. It also keeps this alive, and the emulator with it. */
  async network(names) {
    on = names;
    (await emulator()).control(commandOf(on));
  },
};

addEventListener("message", (event) => {
  const { command, value } = event.data;
  event.waitUntil(
    COMMANDS[command](value).then(
      () => event.ports[0].postMessage({}),
      (error) => event.ports[0].postMessage({ error: String(error) }),
    ),
  );
});
