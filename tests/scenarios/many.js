/** Thousands of calls with a server that is a function, in any place. */

import { memories } from "./memories.js";

const STATUS = "https://queue.fal.run/emulator/echo/requests/r-1/status";

/** What fal would say. @type {Record<string, [type: string, body: string]>} */
const ANSWERS = {
  run: ["application/json", '{"images":[{"url":"https://a.example/1.png"}]}'],
  submit: ["application/json", JSON.stringify({ request_id: "r-1", status_url: STATUS })],
  status: ["text/event-stream", 'data: {"status":"IN_PROGRESS"}\n\ndata: {"status":"COMPLETED"}\n\n'],
  stream: ["text/event-stream", 'data: {"output":"a"}\n\ndata: {"output":"a cat"}\n\ndata: [DONE]\n\n'],
  broken: ["text/event-stream", "data: {\n\n"],
};

/** @param {string} url */
function kindOf(url) {
  if (url.includes("broken")) return "broken";
  if (url.includes("/status/stream")) return "status";
  if (url.endsWith("/stream")) return "stream";
  return url.startsWith("https://queue.") && !url.includes("/requests/") ? "submit" : "run";
}

/** @type {any} */
const serve = async (/** @type {any} */ url, /** @type {any} */ { headers }) => {
  const [type, body] = ANSWERS[kindOf(new Headers(headers).get("x-fal-target-url") ?? String(url))];
  return new Response(body, { headers: { "content-type": type, "x-fal-request-id": "r-1" } });
};

/** @type {Record<string, (fal: any, index: number, abortSignal: AbortSignal) => Promise<unknown>>} */
const CALLS = {
  run: (fal, index, abortSignal) => fal.run("emulator/echo", { input: { index }, abortSignal }),

  subscribe: (fal, index, abortSignal) =>
    fal.subscribe("emulator/echo", { input: { index }, abortSignal, timeout: 60_000 }),

  /** Some of them break, and some are left. */
  async stream(fal, index, abortSignal) {
    const endpoint = index % 10 ? "emulator/echo" : "emulator/broken";
    try {
      for await (const _ of await fal.stream(endpoint, { input: { index }, abortSignal })) if (index % 7 === 0) break;
    } catch (/** @type {any} */ error) {
      if (error.code !== "invalid_answer") throw error;
    }
  },
};

/**
 * Makes this many calls of a kind, all with one signal, as an app has one for as long as it is open. Gives the sizes of
 * the core's memories after it.
 *
 * @param {(config: any) => any} createFalClient @param {any} config @param {string} kind @param {number} count
 */
export async function many(createFalClient, config, kind, count, { signal } = new AbortController()) {
  const fal = createFalClient({ ...config, fetch: serve });
  for (let index = 0; index < count; index += 1) await CALLS[kind](fal, index, signal);
  return memories.map((memory) => memory.buffer.byteLength);
}
