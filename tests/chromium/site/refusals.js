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

/** A name for what happened. @param {string} name @param {any} error */
const told = (name, error) => ({
  name,
  code: error?.code ?? `not refused: ${error}`,
  class: error?.name,
  echoes: [LEAKED, ID, SECRET].some((text) =>
    `${error?.message} ${error?.stack} ${JSON.stringify(error)}`.includes(text),
  ),
  helps: /proxyUrl|refused|revoke/.test(error?.message ?? ""),
});

/** @param {string} name @param {() => any} attempt */
async function attempt(name, attempt) {
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
    await client.run("emulator/echo", { input: { prompt: LEAKED, requestId }, hint: requestId });
  return clients.length;
}
