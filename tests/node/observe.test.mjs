/** `fal-wasm/observe` and `fal-wasm/opentelemetry`: what is told of requests, and that no key and no prompt is. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { observe } from "fal-wasm/observe";
import { traced } from "fal-wasm/opentelemetry";
// The package "ai" brings it.
import { context, metrics, propagation, trace } from "@opentelemetry/api";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent, failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const retry = { baseDelay: 1, maxDelay: 2 };
const config = { env: { FAL_KEY: KEY }, fetch: emulator.fetch, retry };
const input = { prompt: "a secret cat" };

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** A client and everything that is told of it. @param {object} [own] */
function watched(own) {
  /** @type {any[]} */
  const [requests, responses, retries] = [[], [], []];
  /** @type {string[]} */
  const lines = [];
  const hooks = {
    onRequest: (/** @type {any} */ request) => requests.push(request),
    onResponse: (/** @type {any} */ response) => responses.push(response),
    onRetry: (/** @type {any} */ request, /** @type {any} */ failed) => retries.push([request, failed]),
    debug: (/** @type {string} */ line) => void lines.push(line),
  };
  const fal = createFalClient(observe({ ...config, ...own }, hooks));
  return { fal, requests, responses, retries, lines };
}

/** A `fetch` that answers with these first, and then as the emulator does. @param {(Response | Error)[]} first */
const failing =
  (...first) =>
  async (/** @type {any} */ url, /** @type {any} */ init) => {
    const next = first.shift();
    if (next instanceof Error) throw next;
    return next ?? emulator.fetch(url, init);
  };

test("every request is told: what it is for, what became of it, how long that took; and no secret", async () => {
  const { fal, requests, responses, lines } = watched();
  const { requestId } = await fal.subscribe("fal-ai/flux/dev", { input, mode: "polling", pollInterval: 1 });
  await fal.run("fal-ai/flux/schnell", { input });
  await fal.storage.upload(new Blob(["a secret cat"]));
  await failureOf(fal.queue.status("fal-ai/flux/dev", { requestId: "00000000-0000-0000-0000-000000000000" }));
  const told = [...new Set(requests.map(({ operation }) => operation))];
  assert.deepEqual(told, ["submit", "status", "result", "run", "upload"]);
  const [submit, status] = requests;
  assert.deepEqual(submit, {
    number: 1,
    operation: "submit",
    method: "POST",
    host: "queue.fal.run",
    isProxied: false,
    endpoint: "fal-ai/flux/dev",
    requestId: undefined,
    attempt: 1,
  });
  assert.deepEqual([status.endpoint, status.requestId], ["fal-ai/flux", requestId]);
  assert.equal(responses[0].answeredId, requestId);
  assert.ok(responses.every(({ ms, number }, at) => ms >= 0 && number === at + 1));
  assert.equal(responses.at(-1).status, 404);
  assert.equal(lines.length, responses.length);
  assert.match(lines[0] ?? "", new RegExp(`^fal #1 submit fal-ai/flux/dev → 200, \\d+ ms, request ${requestId}$`));
  assertSilent([requests, responses, lines], "what is told");
  assert.doesNotMatch(JSON.stringify([requests, responses, lines]), /secret|\?/);
});

test("a retry is told with what failed; what only looks like it is none", async () => {
  const busy = new Response("{}", { status: 503, headers: { "retry-after": "0", "content-type": "application/json" } });
  const { fal, retries, requests, lines } = watched({ fetch: failing(new TypeError("fetch failed"), busy) });
  await fal.queue.status("fal-ai/flux/dev", { requestId: "00000000-0000-0000-0000-000000000000" }).catch(() => {});
  assert.deepEqual(
    retries.map(([{ attempt }, { status, error }]) => [attempt, status, error]),
    [
      [2, undefined, "TypeError"],
      [3, 503, undefined],
    ],
  );
  assert.deepEqual(
    requests.map(({ attempt }) => attempt),
    [1, 2, 3],
  );
  assert.match(lines.join("\n"), /again, attempt 2 after TypeError\n/);

  const other = watched({ fetch: failing(new Response("{}", { status: 500 })), retry: { maxRetries: 0 } });
  await failureOf(other.fal.run("fal-ai/flux/schnell", { input }));
  await other.fal.run("fal-ai/flux/schnell", { input: { prompt: "another" } });
  assert.deepEqual(other.retries, []);
});

test("a hook that throws changes nothing; debug writes to the console", async (t) => {
  /** @type {string[]} */
  const said = [];
  t.mock.method(console, "error", () => {});
  t.mock.method(console, "debug", (/** @type {string} */ line) => said.push(line));
  const onRequest = () => {
    throw new Error("mine");
  };
  const fal = createFalClient(observe(config, { onRequest, debug: true }));
  assert.equal((await fal.run("fal-ai/flux/schnell", { input })).data.images.length, 1);
  assert.match(said.join(), /^fal #1 run fal-ai\/flux\/schnell → 200/);
  const binding = createFalClient(observe({ ...config, fetch: { fetch: emulator.fetch } }, {}));
  assert.equal((await binding.run("fal-ai/flux/schnell", { input })).data.images.length, 1);
});

/** OpenTelemetry, with what keeps everything in memory behind its API. @param {import("node:test").TestContext} t */
function telemetry(t) {
  /** @type {any[]} */
  const [spans, records] = [[], []];
  const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
  const startSpan = (/** @type {string} */ name, /** @type {any} */ { kind, attributes }) => {
    const span = { name, kind, attributes: { ...attributes }, status: 0, ended: false };
    spans.push(span);
    return {
      spanContext: () => ids,
      setAttributes: (/** @type {object} */ more) => void Object.assign(span.attributes, more),
      setStatus: (/** @type {any} */ { code }) => void (span.status = code),
      end: () => void (span.ended = true),
    };
  };
  const record = (/** @type {number} */ value, /** @type {object} */ attributes) => records.push({ value, attributes });
  trace.setGlobalTracerProvider(/** @type {any} */ ({ getTracer: () => ({ startSpan }) }));
  metrics.setGlobalMeterProvider(/** @type {any} */ ({ getMeter: () => ({ createHistogram: () => ({ record }) }) }));
  propagation.setGlobalPropagator({
    inject: (of, carrier) => {
      const { traceId, spanId } = trace.getSpanContext(of) ?? ids;
      Object.assign(/** @type {object} */ (carrier), { traceparent: `00-${traceId}-${spanId}-01` });
    },
    extract: (of) => of,
    fields: () => ["traceparent"],
  });
  t.after(() => {
    for (const api of [trace, metrics, propagation, context]) api.disable();
  });
  return { spans, records };
}

test("each request is a span and counted, in OpenTelemetry's words; errors are errors", async (t) => {
  const { spans, records } = telemetry(t);
  const fetch = failing(new Response("{}", { status: 503, headers: { "retry-after": "0" } }));
  const fal = createFalClient(traced({ ...config, fetch }));
  const { requestId } = await fal.subscribe("fal-ai/flux/schnell", { input, mode: "polling", pollInterval: 1 });
  const [failed, submit, status] = spans;
  assert.deepEqual([failed.name, failed.kind, failed.status], ["submit fal-ai/flux/schnell", 2, 2]);
  assert.equal(failed.attributes["error.type"], "503");
  assert.deepEqual(submit.attributes, {
    "http.request.method": "POST",
    "server.address": "queue.fal.run",
    "fal.operation": "submit",
    "fal.endpoint": "fal-ai/flux/schnell",
    "http.request.resend_count": 1,
    "http.response.status_code": 200,
    "fal.request_id": requestId,
  });
  assert.equal(status.attributes["fal.request_id"], requestId);
  assert.ok(spans.every(({ ended }) => ended));
  assert.equal(records.length, spans.length);
  assert.equal(records[0].attributes["fal.request_id"], undefined, "no metric has ids");
  assertSilent([spans, records], "what is traced");
  assert.doesNotMatch(JSON.stringify([spans, records]), /secret cat/);
});

test("the trace goes on through the proxy, and to fal only when that is wanted", async (t) => {
  telemetry(t);
  /** @type {any[]} */
  const sent = [];
  const fetch = async (/** @type {any} */ url, /** @type {any} */ { headers }) => {
    sent.push(headers.traceparent);
    return Response.json({});
  };
  const proxyUrl = { url: "https://app.example/api/fal/proxy", when: /** @type {const} */ ("always") };
  for (const made of [
    traced({ proxyUrl, fetch }),
    traced({ ...config, fetch }),
    traced({ ...config, fetch }, { propagate: "always" }),
    traced({ proxyUrl, fetch }, { propagate: "never" }),
  ])
    await createFalClient(made).run("a/b", { input });
  const header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  assert.deepEqual(sent, [header, undefined, header, undefined]);
});

test("an option that would do nothing is an error", () => {
  assert.throws(
    () => observe({}, /** @type {any} */ ({ onRetries: () => {} })),
    /`onRetries` .* did you mean `onRetry`/,
  );
  assert.throws(() => traced({}, /** @type {any} */ ({ propogate: "never" })), /did you mean `propagate`/);
  assert.throws(() => traced({}, /** @type {any} */ ({ propagate: "no" })), /takes "proxy", "always" or "never"/);
});
