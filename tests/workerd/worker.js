/** What is tested inside workerd. Each path is one scenario; it answers with JSON. */

import { createFalClient } from "fal-wasm";
import { createPlatformClient } from "fal-wasm/platform";
import { createFalProxy } from "fal-wasm/proxy";

import suite from "../data/proxy-vectors.json";
import { decideAll } from "../lib/vectors.mjs";

const input = { prompt: "a cat in the rain", image_size: "square", seed: 7 };

/** A handle as a secret store gives it. @param {string} value */
const handle = (value) => ({ get: async () => value });

/** @param {Uint8Array<ArrayBuffer>} content */
const hashOf = async (content) =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", content))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

/** Moves the emulator's clock: whatever a worker sends arrives there. @param {number} ms */
const advance = (ms) =>
  fetch("http://127.0.0.1/__control", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advance_ms: ms }),
  });

/** @param {Promise<any>} promise */
const codeOf = (promise) =>
  promise.then(
    () => "it did not fail",
    (error) => `${error.name} ${error.code}`,
  );

/** @type {Record<string, (env: any, request: Request) => Promise<any>>} */
const scenarios = {
  async run(env) {
    const { data, requestId } = await createFalClient({ env }).run("fal-ai/flux/schnell", { input });
    return { pictures: data.images.length, requestId };
  },

  async platform(env) {
    const platform = createPlatformClient({ env });
    const { data } = await platform.GET("/models", { params: { query: { limit: 2 } } });
    await platform.files.upload("a.txt", "hello");
    const file = new TextDecoder().decode(await platform.files.download("a.txt"));
    const lines = [];
    for await (const { message } of await createFalClient({ env }).platform.logs.stream()) lines.push(message);
    return { models: data.models.length, file, lines, refused: await codeOf(platform.account.billing()) };
  },

  async subscribe(env) {
    const states = [];
    const moves = [];
    const fal = createFalClient({ env });
    const options = {
      input,
      logs: true,
      pollInterval: 30,
      // The clock stands still, so that no state is missed; each is left when it was seen.
      onQueueUpdate: (/** @type {any} */ { status }) => {
        if (!states.includes(status) && status !== "COMPLETED") moves.push(advance(status === "IN_QUEUE" ? 400 : 800));
        states.push(status);
      },
    };
    const { data } = await fal.subscribe("fal-ai/flux/dev", options);
    await Promise.all(moves);
    return { pictures: data.images.length, states: [...new Set(states)] };
  },

  async stream(env) {
    const stream = await createFalClient({ env }).stream("fal-ai/any-llm", { input: { prompt: "Why?" } });
    const items = [];
    for await (const item of stream) items.push(item);
    return { many: items.length > 3, last: items.at(-1) === (await stream.done()) };
  },

  async resume(env) {
    const { queue, subscribe } = createFalClient({ env });
    const { request_id: requestId } = await queue.submit("emulator/echo", { input: { a: 1 } });
    const statuses = [];
    for await (const { status } of await queue.streamStatus("emulator/echo", { requestId })) statuses.push(status);
    const { data } = await subscribe("emulator/echo", { requestId });
    return { last: statuses.at(-1), input: data.input };
  },

  async upload(env) {
    const file = new File(["hello"], "a.txt", { type: "text/plain" });
    const { data } = await createFalClient({ env }).run("emulator/echo", { input: { file } });
    return data.input.file;
  },

  async parts(env) {
    const { storage } = createFalClient({ env, retry: { baseDelay: 1 } });
    const size = 95 * 1024 * 1024;
    const content = new Uint8Array(size);
    for (let at = 0; at < size; at += 4096) content[at] = (at / 4096) % 251;
    /** @type {number[]} */
    const loaded = [];
    const url = await storage.upload(new File([content], "large.bin"), {
      onProgress: (progress) => loaded.push(progress.loaded),
    });
    return { url, sha256: await hashOf(content), loaded };
  },

  async flow(env) {
    const size = 25 * 1024 * 1024;
    const content = new Uint8Array(size).map((_, index) => (index / 4096) % 251);
    // The stream of a body: the oldest dates have no other.
    const { body } = new Response(content);
    const { storage } = createFalClient({ env, retry: { baseDelay: 1 } });
    return { url: await storage.upload(body, { size }), sha256: await hashOf(content) };
  },

  async leave(env) {
    const controller = new AbortController();
    const { storage } = createFalClient({ env });
    const call = storage.upload(new Blob([new Uint8Array(95 * 1024 * 1024)]), {
      abortSignal: controller.signal,
      onProgress: () => controller.abort(),
    });
    return codeOf(call);
  },

  async realtime(env) {
    const fal = createFalClient({ env });
    const results = /** @type {any[]} */ ([]);
    const errors = /** @type {any[]} */ ([]);
    await new Promise((resolve) => {
      const connection = fal.realtime.connect("emulator/echo", {
        throttleInterval: 0,
        onError: (error) => resolve(errors.push(error.code)),
        onResult(result) {
          results.push(result);
          if (results.length < 3) return;
          connection.close();
          resolve(undefined);
        },
      });
      for (const n of [1, 2, 3]) connection.send({ n, bytes: new Uint8Array([n]) });
    });
    return { results: results.map(({ n, bytes }) => [n, ...bytes]), errors };
  },

  async realtimeErrors(env) {
    const errorOf = (/** @type {any} */ bindings, app = "emulator/echo") =>
      new Promise((resolve) => {
        const fal = createFalClient({ env: bindings, retry: { baseDelay: 1, maxDelay: 1, maxRetries: 1 } });
        const onError = (/** @type {any} */ { code, status, attempts }) => resolve([code, status, attempts]);
        fal.realtime.connect(app, { onError, onResult() {} }).send({});
      });
    return [await errorOf({}), await errorOf({ FAL_KEY: `${env.FAL_KEY}0` }), await errorOf(env, "emulator/none")];
  },

  async sockets(env) {
    const socket = createFalClient({ env }).ws.connect("emulator/echo");
    const answers = await Promise.all([1, 2].map((n) => socket.request({ n })));
    const bytes = createFalClient({ env }).ws.connect("emulator/bytes");
    const { data } = await bytes.request({ size: 100_000 });
    const refused = await codeOf(socket.request({ n: 1 }, { abortSignal: AbortSignal.abort() }));
    socket.close();
    bytes.close();
    return { echoes: answers.map(({ data }) => data.input.n), size: data.byteLength, refused };
  },

  async handles(env) {
    const bindings = { FAL_KEY: handle(env.FAL_KEY) };
    const { data } = await createFalClient({ env: bindings }).run("emulator/echo", { input: { a: 1 } });
    return data.input;
  },

  async tenants(env) {
    const runs = [env.FAL_KEY, env.OTHER_KEY].map(async (FAL_KEY) => {
      const fal = createFalClient({ env: { FAL_KEY } });
      const { request_id: requestId } = await fal.queue.submit("emulator/echo", { input: {} });
      const other = createFalClient({ env: { FAL_KEY: FAL_KEY === env.FAL_KEY ? env.OTHER_KEY : env.FAL_KEY } });
      return codeOf(other.queue.result("emulator/echo", { requestId }));
    });
    return Promise.all(runs);
  },

  async cancel(env) {
    const controller = new AbortController();
    const options = { input: { seconds: 60 }, pollInterval: 20, abortSignal: controller.signal, cancelOnAbort: true };
    const call = createFalClient({ env }).subscribe("emulator/slow", {
      ...options,
      onEnqueue: () => controller.abort(),
    });
    return call.catch((error) => [error.code, error.cancelled]);
  },

  async errors(env) {
    const fal = createFalClient({ env });
    return Promise.all([
      codeOf(fal.run("fal-ai/flux/dev", { input: {} })),
      codeOf(fal.run("foo", { input: {} })),
      codeOf(createFalClient({ env: {} }).run("emulator/echo")),
      codeOf(createFalClient({ env: { FAL_KEY: "nonsense" } }).run("emulator/echo")),
    ]);
  },

  async binding(env) {
    const fal = createFalClient({ env, fetch: env.EMULATOR });
    return (await fal.run("emulator/echo", { input: { a: 1 } })).data.input;
  },

  async seams(env) {
    let tries = 0;
    const requestMiddleware = async (/** @type {any} */ request) => {
      tries += 1;
      return { ...request, headers: { ...request.headers, "x-fal-tags": `try=${tries}` } };
    };
    const fal = createFalClient({ env, retry: { baseDelay: 1 }, requestMiddleware });
    const { data } = await fal.run("emulator/echo", { input: {}, idempotent: true, timeout: 5_000 });
    return [tries, data.fal_headers];
  },

  lost: (env) =>
    createFalClient({ env })
      .run("emulator/echo", { input: {} })
      .catch((error) => [error.code, error.attempts, error.retryable]),

  redirect: (env) => codeOf(createFalClient({ env }).run("emulator/echo", { input: {} })),

  vectors: () => decideAll(createFalProxy, suite),
};

const proxy = createFalProxy({
  authenticate: (request) => ({ id: request.headers.get("x-visitor") ?? "" }),
  allowedEndpoints: ["fal-ai/**", "emulator/echo"],
});

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  async fetch(request, env, context) {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "proxy") return proxy(request, env, context);
    const scenario = scenarios[name];
    if (!scenario) return new Response("no such scenario", { status: 404 });
    try {
      return Response.json(await scenario(env, request));
    } catch (error) {
      return new Response(String(/** @type {any} */ (error)?.stack), { status: 500 });
    }
  },
};
