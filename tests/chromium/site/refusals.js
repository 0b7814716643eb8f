/**
 * Every way to hand a key to the browser build. Runs in a page, a dedicated worker and a service worker.
 */

import { createFalClient, fal } from "./fal-wasm/index.js";

/** Has the shape of a key, and opens nothing. */
export const LEAKED = "0dd1e5ce-0000-4000-8000-0ff1ce0ff1ce:badc0ffee0ddf00dbadc0ffee0ddf00d";
const [ID, SECRET] = LEAKED.split(":");
const proxyUrl = "/api/fal/proxy";

/** What is handed over when a client is made. @type {Record<string, () => any>} */
const CONFIGURATIONS = {
  "credentials, a string": () => ({ proxyUrl, credentials: LEAKED }),
  "credentials, any string": () => ({ proxyUrl, credentials: "whatever" }),
  "credentials, a function": () => ({ proxyUrl, credentials: () => LEAKED }),
  "credentials, an async function": () => ({ proxyUrl, credentials: async () => LEAKED }),
  env: () => ({ proxyUrl, env: { FAL_KEY: LEAKED } }),
  "env, empty": () => ({ proxyUrl, env: {} }),
  FAL_KEY: () => ({ proxyUrl, FAL_KEY: LEAKED }),
  falKey: () => ({ proxyUrl, falKey: "x" }),
  "FAL_KEY_ID and FAL_KEY_SECRET": () => ({ proxyUrl, FAL_KEY_ID: ID, FAL_KEY_SECRET: SECRET }),
  loginToken: () => ({ proxyUrl, loginToken: "x" }),
  "headers, a key": () => ({ proxyUrl, headers: { "x-anything": LEAKED } }),
  "headers, fal's scheme": () => ({ proxyUrl, headers: { "x-anything": "Key a:b" } }),
  Headers: () => ({ proxyUrl, headers: new Headers({ "x-anything": LEAKED }) }),
  "a Map": () => ({ proxyUrl, headers: new Map([["x-anything", { deep: LEAKED }]]) }),
  URLSearchParams: () => ({ proxyUrl, query: new URLSearchParams({ key: LEAKED }) }),
  "proxyUrl, in the query": () => ({ proxyUrl: `${proxyUrl}?key=${LEAKED}` }),
  "proxyUrl, encoded": () => ({ proxyUrl: `${proxyUrl}?key=${encodeURIComponent(LEAKED)}` }),
  "proxyUrl, as an object": () => ({ proxyUrl: { url: `${proxyUrl}?key=${LEAKED}`, when: "always" } }),
  "an option nobody knows": () => ({ proxyUrl, deeply: { hidden: [LEAKED.toUpperCase()] } }),
  "the source of a fetch": () => ({
    proxyUrl,
    fetch: new Function("url", "init", `return fetch(url, { ...init, key: "${LEAKED}" })`),
  }),
  "the source of a middleware": () => ({ proxyUrl, requestMiddleware: new Function(`return "${LEAKED}"`) }),
};

/** What is handed over with a call. @type {Record<string, () => any>} */
const OPTIONS = {
  "headers, a key": () => ({ headers: { "x-anything": LEAKED } }),
  "headers, fal's scheme": () => ({ headers: { Authorization: "Key a:b" } }),
  Headers: () => ({ headers: new Headers({ "x-anything": LEAKED }) }),
  webhookUrl: () => ({ webhookUrl: `https://a.example/?key=${LEAKED}` }),
  query: () => ({ query: { key: LEAKED } }),
  hint: () => ({ hint: LEAKED }),
  credentials: () => ({ credentials: "x" }),
};

/** A caller's own fetch that adds a key on the way. @type {Record<string, (key: string) => any>} */
const WRAPPERS = {
  "spreads the headers": (key) => (url, init) =>
    fetch(url, { ...init, headers: { ...init.headers, Authorization: `Key ${key}` } }),
  "is async": (key) => async (url, init) => fetch(url, { ...init, headers: { ...init.headers, "x-key": key } }),
  "builds Headers": (key) => (url, init) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Key ${key}`);
    return fetch(url, { ...init, headers });
  },
  "builds a Request": (key) => (url, init) => fetch(new Request(url, { ...init, headers: { "x-key": key } })),
  "changes the headers it is given": (key) => (url, init) => {
    init.headers.authorization = `Key ${key}`;
    return fetch(url, init);
  },
  "puts it into the query": (key) => (url, init) => fetch(`${url}?key=${key}`, init),
};

/** An object whose first look is harmless. @param {string} name */
function changing(name) {
  let looks = 0;
  return {
    get [name]() {
      looks += 1;
      return looks > 1 ? { "x-anything": LEAKED } : {};
    },
  };
}

/** Headers of another realm, where there is one to be had. */
function foreignHeaders() {
  if (!globalThis.document) return [["x-anything", LEAKED]];
  const frame = document.body.appendChild(document.createElement("iframe"));
  return new frame.contentWindow.Headers({ "x-anything": LEAKED });
}

/** @param {string} name @param {any} value @param {() => Promise<any>} work */
async function polluted(name, value, work) {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: false });
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

const twice = encodeURIComponent(encodeURIComponent(LEAKED));

/** Options in which no key is seen, of a call in which there is one. @type {Record<string, () => any>} */
const HIDDEN = {
  "headers of another realm": () => ({ headers: foreignHeaders() }),
  "a String object": () => ({ headers: { "x-anything": new String(LEAKED) } }),
  "something with toString": () => ({ headers: { "x-anything": { toString: () => LEAKED } } }),
  "fal's scheme by toString": () => ({ headers: { "x-anything": { toString: () => "Key a:b" } } }),
  "a generator": () => ({
    headers: (function* () {
      yield ["x-anything", LEAKED];
    })(),
  }),
  "an iterable": () => ({ headers: { [Symbol.iterator]: () => [["x-anything", LEAKED]][Symbol.iterator]() } }),
  "an iterable function": () => ({
    headers: Object.assign(() => 0, { [Symbol.iterator]: () => [["x-anything", LEAKED]].values() }),
  }),
  "headers that are inherited": () => Object.create({ headers: { "x-anything": LEAKED } }),
  "a getter": () => changing("headers"),
  "a Proxy": () => ({
    headers: new Proxy(
      {},
      {
        ownKeys: () => ["x-a"],
        get: (_, name) => (typeof name === "symbol" ? undefined : LEAKED),
        getOwnPropertyDescriptor: shown(),
      },
    ),
  }),
  "a GET": () => ({ method: "get", input: { key: LEAKED } }),
  "a GET, deeply": () => ({ method: "get", input: { deep: { list: [LEAKED] } } }),
  "a query, deeply": () => ({ query: { deep: { key: new String(LEAKED) } } }),
  "a query by toJSON": () => ({ query: { key: { toJSON: () => LEAKED } } }),
  "a query, encoded": () => ({ query: { key: twice } }),
  "a query that is inherited": () => Object.create({ query: { key: LEAKED } }),
  "a prompt": () => ({ input: { prompt: `my key is ${LEAKED}` } }),
  "a name in the input": () => ({ input: { [LEAKED]: 1 } }),
  "an input that is a text": () => ({ input: LEAKED }),
  "an input by toJSON": () => ({ input: { toJSON: () => ({ key: LEAKED }) } }),
  "an input of a class": () => ({ input: Object.assign(new (class {})(), { key: LEAKED }) }),
  "an input, encoded": () => ({ input: { key: encodeURIComponent(LEAKED) } }),
  "a String object in the input": () => ({ input: { key: new String(LEAKED) } }),
  "an access rule": () => ({ storageSettings: { initialAcl: { rules: [{ user: twice, decision: "allow" }] } } }),
};

/** What a trap of a Proxy says of every property. */
function shown() {
  let looks = 0;
  // As long as options are looked through, there is nothing.
  return () => ({ value: 1, configurable: true, enumerable: (looks += 1) > 1 });
}

/** Calls that are no run and no submit. @type {Record<string, (fal: any) => any>} */
const CALLS = {
  "the name of a file": (fal) => fal.storage.upload(new File(["x"], LEAKED)),
  "fileName, encoded": (fal) => fal.storage.upload(new Blob(["x"]), { fileName: encodeURIComponent(LEAKED) }),
  "a file in an input": (fal) => fal.run("emulator/echo", { input: { file: new File(["x"], LEAKED) } }),
  "the accept of a stream": (fal) => fal.stream("emulator/echo", { accept: LEAKED }).then((s) => s.done()),
  "the headers of a stream": (fal) => fal.stream("emulator/echo", HIDDEN["a generator"]()).then((s) => s.done()),
  "the input of a stream": (fal) => fal.stream("emulator/echo", { input: { a: [LEAKED] } }).then((s) => s.done()),
  "webhookUrl, encoded": (fal) => fal.queue.submit("a/b", { webhookUrl: `https://a.example/?key=${twice}` }),
  subscribe: (fal) => fal.subscribe("emulator/echo", HIDDEN["a generator"]()),
  status: (fal) => fal.queue.status("a/b", { requestId: "r", ...HIDDEN["a String object"]() }),
  result: (fal) => fal.queue.result("a/b", { requestId: "r", ...HIDDEN["a String object"]() }),
  cancel: (fal) => fal.queue.cancel("a/b", { requestId: "r", ...HIDDEN["a String object"]() }),
  "headers in every object": (fal) => polluted("headers", { "x-a": LEAKED }, () => fal.run("emulator/echo")),
  "a query in every object": (fal) => polluted("query", { a: LEAKED }, () => fal.run("emulator/echo")),
  "a realtime message": (fal) => fal.realtime.connect("a/b", { onResult() {} }).send({ prompt: LEAKED }),
  "a realtime text": (fal) =>
    fal.realtime.connect("a/b", { onResult() {}, encodeMessage: (text) => text }).send(`x ${LEAKED}`),
  "a realtime token": (fal) =>
    new Promise((_, onError) =>
      fal.realtime.connect("a/b", { onResult() {}, onError, tokenProvider: async () => LEAKED }).send({}),
    ),
};

/** What middleware makes of a request. @type {Record<string, (request: any) => any>} */
const MIDDLEWARE = {
  "a header": (request) => ({ ...request, headers: { "x-a": LEAKED.toUpperCase() } }),
  "a list of values": (request) => ({ ...request, headers: { "x-a": ["a", LEAKED] } }),
  "a String object": (request) => ({ ...request, headers: { "x-a": new String(LEAKED) } }),
  "the address": (request) => ({ ...request, url: `${request.url}?key=${LEAKED}` }),
  "the address, encoded": (request) => ({ ...request, url: `${request.url}?key=${twice}` }),
  "another proxy": ({ url, ...request }) => ({
    ...request,
    url: `/api/fal/proxy?key=${twice}`,
    headers: { "x-fal-target-url": url },
  }),
};

/** What cannot be sent at all, and why. @type {Record<string, [code: string, (fal: any) => any]>} */
const IMPOSSIBLE = {
  "a capability": [
    "invalid_option",
    (fal) => fal.queue.handle({ endpointId: "a/b", requestId: "r", capability: LEAKED }),
  ],
  "a capability in fal's scheme": [
    "invalid_option",
    (fal) => fal.queue.handle({ endpointId: "a/b", requestId: "r", capability: "Key a:b" }),
  ],
  "an endpoint": ["invalid_endpoint_id", (fal) => fal.run(`${LEAKED}/x`)],
  "a path": ["invalid_option", (fal) => fal.run("a/b", { path: new String(LEAKED) })],
  "a hint": ["invalid_option", (fal) => fal.run("a/b", { hint: new String(LEAKED) })],
};

/** A name for what happened. @param {string} name @param {any} error */
const told = (name, error) => ({
  name,
  left: performance.getEntriesByType("resource").filter(({ name }) => name.includes(proxyUrl)).length,
  code: error?.code ?? `not refused: ${error}`,
  class: error?.name,
  echoes: [LEAKED, ID, SECRET].some((text) =>
    `${error?.message} ${error?.stack} ${JSON.stringify(error)}`.includes(text),
  ),
  helps: /proxyUrl|refused|revoke/.test(error?.message ?? ""),
});

/** @param {string} name @param {() => any} attempt */
async function attempt(name, attempt) {
  performance.clearResourceTimings();
  try {
    await attempt();
    return told(name, "it went through");
  } catch (error) {
    return told(name, error);
  }
}

/** Tries all of it; returns what happened to each. */
export async function tryEverything() {
  const results = [];
  for (const [name, config] of Object.entries(CONFIGURATIONS)) {
    results.push(await attempt(`createFalClient: ${name}`, () => createFalClient(config())));
    results.push(await attempt(`fal.config: ${name}`, () => fal.config(config())));
  }
  const client = createFalClient({ proxyUrl });
  for (const [name, options] of Object.entries(OPTIONS)) {
    results.push(await attempt(`run: ${name}`, () => client.run("emulator/echo", { input: {}, ...options() })));
    results.push(
      await attempt(`submit: ${name}`, () => client.queue.submit("emulator/echo", { input: {}, ...options() })),
    );
  }
  let given = "";
  const later = createFalClient({ proxyUrl, credentials: () => given });
  given = LEAKED;
  results.push(await attempt("a function that gives one later", () => later.run("emulator/echo", { input: {} })));
  for (const [name, wrapper] of Object.entries(WRAPPERS)) {
    const wrapped = createFalClient({ proxyUrl, fetch: wrapper(LEAKED) });
    results.push(await attempt(`fetch that ${name}`, () => wrapped.run("emulator/echo", { input: {} })));
  }
  return results;
}

/** Tries what no look at options finds; returns what happened to each. */
export async function tryHidden() {
  const results = [];
  const client = createFalClient({ proxyUrl });
  for (const [name, options] of Object.entries(HIDDEN)) {
    results.push(await attempt(`run: ${name}`, () => client.run("emulator/echo", options())));
    results.push(await attempt(`submit: ${name}`, () => client.queue.submit("emulator/echo", options())));
  }
  for (const [name, call] of Object.entries(CALLS)) results.push(await attempt(name, () => call(client)));
  for (const [name, change] of Object.entries(MIDDLEWARE)) {
    const changed = createFalClient({ proxyUrl, requestMiddleware: async (request) => change(request) });
    results.push(await attempt(`middleware: ${name}`, () => changed.run("emulator/echo")));
  }
  return results;
}

/** Tries what is no option at all; returns what happened, and what should have. */
export async function tryImpossible() {
  const client = createFalClient({ proxyUrl });
  const results = [];
  for (const [name, [code, call]] of Object.entries(IMPOSSIBLE))
    results.push({ expected: code, ...(await attempt(name, () => call(client))) });
  return results;
}

/** What `fetch` is told when every object inherits a key. */
export async function tryInherited() {
  const told = [];
  const fetch = async (url, init) => {
    for (const name in init) told.push(name);
    told.push(init.referrer);
    return Response.json({});
  };
  await polluted("referrer", `/?key=${LEAKED}`, () => createFalClient({ proxyUrl, fetch }).run("emulator/echo"));
  return told.filter((text) => String(text).includes(LEAKED));
}

/** What is no key must pass. */
export async function tryHarmless() {
  const wrapper = (/** @type {any} */ url, /** @type {any} */ init) =>
    fetch(url, { ...init, headers: { ...init.headers, Authorization: "Bearer session" } });
  const requestId = "8c5dbd43-03f5-4ef1-9c5c-1f2d3e4a5b6c";
  const clients = [
    createFalClient({ proxyUrl, credentials: undefined }),
    createFalClient({ proxyUrl, credentials: "" }),
    createFalClient({ proxyUrl, credentials: () => undefined }),
    createFalClient({ proxyUrl, fetch: wrapper }),
    createFalClient({ proxyUrl: { url: proxyUrl } }),
  ];
  for (const client of clients)
    await client.run("emulator/echo", { input: { prompt: `Key ${ID}: ${SECRET}`, requestId }, hint: requestId });
  return clients.length;
}
