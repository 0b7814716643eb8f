/** The client in a page, against the app's own proxy. */

import * as falWasm from "./fal-wasm/index.js";

const { ApiError, FalError, ValidationError, createFalClient } = falWasm;
const proxyUrl = "/api/fal/proxy";
const fal = createFalClient({ proxyUrl });

/** Tells the emulator something. @param {object} wish */
const control = (wish) => fetch("/control", { method: "POST", body: JSON.stringify(wish) });

/** @param {Promise<any>} promise */
const failure = (promise) =>
  promise.then(
    () => ({ code: "it did not fail" }),
    ({ name, code, message, status, requestId, attempts, cancelled, body }) => ({
      name,
      code,
      message,
      status,
      requestId,
      attempts,
      cancelled,
      body,
    }),
  );

export async function everything() {
  const input = { prompt: "a cat in the rain", image_size: "square", output_format: "png" };
  const ran = await fal.run("fal-ai/flux/schnell", { input });
  const states = [];
  const moves = [];
  let enqueued;
  // The clock stands still, so that no state is missed; each is left when it was seen.
  await control({ clock: "manual" });
  const subscribed = await fal.subscribe("fal-ai/flux/dev", {
    input,
    logs: true,
    pollInterval: 40,
    onEnqueue: (id) => (enqueued = id),
    onQueueUpdate: ({ status }) => {
      if (states.at(-1) === status) return;
      states.push(status);
      if (status !== "COMPLETED") moves.push(control({ advance_ms: status === "IN_QUEUE" ? 400 : 800 }));
    },
  });
  await Promise.all(moves);
  await control({ clock: "real" });
  const picture = await (await fetch(subscribed.data.images[0].url)).blob();
  const derived = await fal.subscribe("fal-ai/flux/dev/image-to-image", {
    input: { ...input, image_url: picture },
    pollInterval: 40,
  });
  const queued = await fal.queue.submit("emulator/slow", { input: { seconds: 60 } });
  const requestId = queued.request_id;
  const cancelled = await fal.queue.cancel("emulator/slow", { requestId });
  const status = await fal.queue.status("emulator/slow", { requestId, logs: true });
  return {
    ran: Object.keys(ran.data.images[0]),
    sameId: subscribed.requestId === enqueued,
    states,
    derived: derived.data.images[0].width,
    queued: queued.status,
    cancelled: cancelled === undefined,
    status: status.status,
    uploaded: await fal.storage.upload(new File(["hello"], "a.txt", { type: "text/plain" })),
    bytes: (await fal.run("emulator/bytes", { input: { size: 10 } })).data.byteLength,
  };
}

/** Streams, and a request that is picked up again after a reload. */
export async function streams() {
  const stream = await fal.stream("fal-ai/any-llm", { input: { prompt: "Why is the sky blue?" } });
  const items = [];
  for await (const item of stream) items.push(item);
  const queued = await fal.queue.submit("emulator/echo", { input: { a: 1 } });
  const saved = JSON.stringify(fal.queue.handle("emulator/echo", queued.request_id));
  const handle = createFalClient({ proxyUrl }).queue.handle(JSON.parse(saved));
  const states = [];
  const { data, requestId } = await handle.subscribe({
    onQueueUpdate: ({ status }) => states.at(-1) !== status && states.push(status),
  });
  const endless = await fal.stream("fal-ai/any-llm", { input: { prompt: "Tell me a long story" } });
  for await (const _ of endless) break;
  return {
    growing: items.every((item, index) => index === 0 || item.output.startsWith(items[index - 1].output)),
    last: (await stream.done()) === items.at(-1),
    many: items.length > 3,
    named: stream.requestId.length > 0,
    resumed: [states.at(-1), data.input, requestId === queued.request_id],
  };
}

/** More requests at once than a browser has connections to one server, none of which is done while the clock stands still. */
export async function crowd() {
  const calls = [];
  let done = 0;
  const following = Array.from(
    { length: 12 },
    (_, a) =>
      new Promise((onQueueUpdate) =>
        calls.push(
          fal
            .subscribe("emulator/echo", { input: { a }, pollInterval: 50, onQueueUpdate })
            .finally(() => void (done += 1)),
        ),
      ),
  );
  const within = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.race([Promise.all(following), within(1_000)]);
  const page = await Promise.race([fetch("/index.html"), within(60_000)]);
  const doneBefore = done;
  await control({ clock: "real", advance_ms: 2_500 });
  const results = await Promise.all(calls);
  return { page: page?.status, doneBefore, answers: results.map(({ data }) => data.input.a) };
}

export async function failures() {
  const controller = new AbortController();
  const leaving = fal.subscribe("emulator/slow", {
    input: { seconds: 60 },
    pollInterval: 40,
    abortSignal: controller.signal,
    cancelOnAbort: true,
    onEnqueue: () => controller.abort(),
  });
  const error = await fal.run("fal-ai/flux/dev", { input: {} }).catch((error) => error);
  return {
    classes: [
      error instanceof ValidationError,
      error instanceof ApiError,
      error instanceof FalError,
      error instanceof Error,
    ],
    validation: await failure(fal.run("fal-ai/flux/dev", { input: {} })),
    endpoint: await failure(fal.run("../x", { input: {} })),
    closed: await failure(fal.run("closed/model", { input: {} })),
    left: await failure(leaving),
    noProxy: await failure(createFalClient().run("emulator/echo")),
    noProxyThere: await failure(
      createFalClient({ proxyUrl: "/index.html" }).queue.submit("emulator/echo", { input: {} }),
    ),
    nobodyThere: await failure(
      createFalClient({ proxyUrl: "http://127.0.0.1:9/", retry: { baseDelay: 1 } }).run("emulator/echo"),
    ),
  };
}

/** What a fault of the network looks like from here. */
export const dropped = () => failure(fal.subscribe("emulator/echo", { input: {} }));

/** What `proxyUrl` must not be. */
export const proxyUrls = () =>
  [
    "//evil.example/",
    "http://app.example/",
    "https://fal.run/x",
    "https://queue.fal.run/",
    "https://a:b@app.example/",
    "javascript:1",
    "",
  ].map((url) => {
    try {
      createFalClient({ proxyUrl: url });
      return "accepted";
    } catch (error) {
      return error.code;
    }
  });
