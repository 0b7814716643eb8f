/**
 * A policy never silently does nothing: whatever is dropped from a full configuration, misspelled in it or given another shape
 * is refused when the handler is made, by name, or lets through no more than before.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";
import { createWebhookHandler } from "fal-wasm/webhook";

import { KEY } from "../lib/keys.mjs";
import { callTo } from "../lib/visitors.mjs";

const SECRET = "x".repeat(32);

/** A configuration that has every option. */
const proxyOptions = () => ({
  authenticate: (/** @type {Request} */ { headers }) => ({ id: headers.get("x-visitor") ?? "" }),
  attest: () => true,
  allowedEndpoints: ["fal-ai/flux/**", "fal-ai/any-llm", "fal-ai/kling"],
  grantedEndpoints: ["fal-ai/kling"],
  trustedOrigins: ["https://app.example", { origin: "https://cookies.example", credentials: true }],
  allowedHeaders: ["x-csrf-token"],
  uploads: {
    types: ["image/*"],
    lifecycle: { expiresIn: "1d", initialAcl: { default: "forbid", rules: [{ user: "me", decision: "allow" }] } },
  },
  realtimeTokens: { expirationSeconds: 60, unruled: false, olderContract: false },
  sessions: { max: 10, maxSeconds: 60, price: 0.01, unruled: false },
  forwardHeaders: ["x-fal-no-retry"],
  ownership: { expirationSeconds: 3600 },
  secret: SECRET,
  inputs: {
    "fal-ai/flux/**": {
      n: { max: 4, min: 1 },
      prompt: { maxLength: 10 },
      loras: { maxItems: 1 },
      size: { oneOf: ["square"] },
      safe: { fixed: true },
      "image.seed": { absent: true },
    },
    "fal-ai/any-llm": { model: { oneOf: ["small"] } },
  },
  webhookUrl: "https://app.example/hook",
  limits: {
    store: memoryLimits(),
    requests: { max: 1000, windowSeconds: 60 },
    concurrent: 1000,
    spending: {
      max: 1000,
      windowSeconds: 3600,
      prices: { "fal-ai/flux/**": { price: 1, units: 2, unit: "images" }, "fal-ai/any-llm": 1, "fal-ai/kling": 1 },
      tokenPrice: 1,
    },
    total: {
      requests: { max: 1000, windowSeconds: 60 },
      spending: { max: 1000, windowSeconds: 3600 },
      stopAt: { max: 1000, windowSeconds: 60 },
    },
    onAnomaly: () => {},
    reads: { max: 1000, windowSeconds: 60 },
    leaseSeconds: 60,
    rateLimiter: { limit: async () => ({ success: true }) },
  },
  maxBodyBytes: 4096,
  maxInputBytes: 2048,
  timeouts: {
    run: 1000,
    stream: 1000,
    submit: 1000,
    status: 1000,
    statusStream: 1000,
    result: 1000,
    cancel: 1000,
    upload: 1000,
    token: 1000,
  },
  mode: "enforce",
  onDecision: () => {},
  audit: () => {},
  onError: () => {},
  onKeyRejected: () => {},
  onKeyLeak: () => {},
  credentials: [KEY, KEY],
  scope: "API",
  env: {},
  fetch: async () => Response.json({ request_id: "764cabcf-b745-4b3e-ae38-1200304cf45b", token: "t" }),
  dangerouslyTreatAsServer: "a test",
});

const webhookOptions = () => ({
  replayStore: { seen: async () => false, forget: async () => {} },
  maxBodyBytes: 1024,
  fetch: async () => Response.json({}),
  accounts: ["user"],
  submitted: () => true,
  onEvent: () => {},
  onError: () => {},
  answerWithin: 1000,
  limits: { store: { reserve: async () => {}, settle: async () => {} }, account: () => "ann" },
});

/** Whole features: who leaves one out has not asked for it, and sees that it is not there. */
const FEATURES = new Set([
  "grantedEndpoints",
  "inputs",
  "inputs.fal-ai/flux/**",
  "inputs.fal-ai/any-llm",
  ...["n", "prompt", "loras", "size", "safe", "image.seed"].map((field) => `inputs.fal-ai/flux/**.${field}`),
  "uploads.types",
  "inputs.fal-ai/flux/**.n.max",
  "inputs.fal-ai/flux/**.n.min",
  "limits",
]);

/** Numbers of which the default is said to be larger, and what only a default of another kind stands for. */
const DEFAULTS = new Set(["maxBodyBytes", "maxInputBytes", "uploads"]);

/** Every place in a configuration that has a name. @param {any} value @param {string[]} [place] @returns {string[][]} */
const placesIn = (value, place = []) =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? []
    : Object.entries(value).flatMap(([name, one]) => [[...place, name], ...placesIn(one, [...place, name])]);

/** A configuration with what is at a place changed. @param {any} options @param {string[]} place @param {(parent: any, name: string) => void} change */
function changed(options, place, change) {
  const parent = place.slice(0, -1).reduce((value, name) => value[name], options);
  change(parent, /** @type {string} */ (place.at(-1)));
  return options;
}

/** What a visitor may try. Each says 200 where it is let through. */
const TRIES = [
  ["https://fal.run/fal-ai/flux", { n: 1 }],
  ["https://fal.run/fal-ai/flux", { n: 999 }],
  ["https://fal.run/fal-ai/flux", { n: 0 }],
  ["https://fal.run/fal-ai/flux/dev/stream", { n: 999 }],
  ["https://fal.run/fal-ai/flux", { prompt: "longer than ten" }],
  ["https://fal.run/fal-ai/flux", { loras: [1, 2] }],
  ["https://fal.run/fal-ai/flux", { size: "huge" }],
  ["https://fal.run/fal-ai/flux", { safe: false }],
  ["https://fal.run/fal-ai/flux", { image: { seed: 1 } }],
  ["https://fal.run/fal-ai/flux", { text: "x".repeat(3000) }],
  ["https://fal.run/fal-ai/any-llm", { model: "large" }],
  ["https://queue.fal.run/fal-ai/any-llm", { model: "small" }],
  ["https://fal.run/fal-ai/veo3", {}],
  ["https://fal.run/fal-ai/kling", {}],
  ["https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3", {}],
  ["https://rest.fal.ai/tokens/realtime", { allowed_apps: ["fal-ai/flux/realtime"] }],
  ["https://rest.fal.ai/tokens/", { allowed_apps: ["flux"] }],
];

/** What a proxy lets through of all that. @param {any} options */
async function letsThrough(options) {
  const proxy = createFalProxy(options);
  const answers = TRIES.map(([url, body]) =>
    proxy(callTo(/** @type {string} */ (url), { body: JSON.stringify(body) })),
  );
  const strangers = [
    proxy(callTo("https://fal.run/fal-ai/flux", { headers: { "x-visitor": "" } })),
    proxy(
      callTo("https://fal.run/fal-ai/flux", {
        headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      }),
    ),
    proxy(
      callTo("https://fal.run/fal-ai/flux", {
        headers: { origin: "https://app.example", "sec-fetch-site": "cross-site" },
      }),
    ),
  ];
  const statuses = (await Promise.all([...answers, ...strangers])).map(({ status }) => status);
  return new Set(statuses.flatMap((status, place) => (status < 300 ? [place] : [])));
}

/** What making it throws; undefined when nothing. @param {() => unknown} make @returns {any} */
function refusalOf(make) {
  try {
    return void make();
  } catch (error) {
    return error;
  }
}

/** Methods of what an app hands over: what lacks one is another object. */
const METHODS = ["reserve", "settle", "correct", "limit", "seen", "forget"];

/** A name with one letter wrong, as one types it. */
const misspelled = (/** @type {string} */ name) => `${name.slice(0, -1)}${name.endsWith("z") ? "y" : "z"}`;

for (const { name, options, make } of [
  { name: "proxy", options: proxyOptions, make: createFalProxy },
  { name: "webhook handler", options: webhookOptions, make: createWebhookHandler },
]) {
  /** The options' own names: patterns, and fields of inputs, are the app's. */
  const isOwn = (/** @type {string[]} */ place) =>
    !(place[0] === "inputs" && place.length < 4) &&
    !(place[2] === "prices" && place.length === 4) &&
    place[0] !== "env";

  test(`a ${name} has every option of its type in this test, and takes them`, () => {
    const { message } = refusalOf(() => make(/** @type {any} */ ({ ...options(), unheardOf: 1 })));
    const known = /There are (.*?)\. Nothing/.exec(message)?.[1]?.split(", ");
    assert.deepEqual(known?.sort(), Object.keys(options()).sort());
    assert.equal(
      refusalOf(() => make(/** @type {any} */ (options()))),
      undefined,
    );
  });

  test(`a misspelled option of a ${name} is refused, with its place, what there is, and the nearest name`, () => {
    for (const place of placesIn(options()).filter(isOwn)) {
      const right = /** @type {string} */ (place.at(-1));
      const wrong = misspelled(right);
      const given = changed(options(), place, (parent, own) => {
        parent[wrong] = parent[own];
        delete parent[own];
      });
      const error = refusalOf(() => make(given));
      assert.equal(error?.code, "invalid_option", place.join("."));
      if (METHODS.includes(right)) {
        assert.match(error.message, new RegExp(`takes .*${right}`));
        continue;
      }
      const where = [...place.slice(0, -1), wrong];
      assert.ok(error.message.includes(`\`${where[0]}\``), error.message);
      assert.ok(error.message.includes(where.length > 1 ? `\`${where.slice(1).join(".")}\`` : wrong), error.message);
      assert.ok(error.message.includes(`did you mean \`${right}\`?`), error.message);
    }
  });

  test(`an option of a ${name} of another shape is refused, and never repeated`, () => {
    for (const place of placesIn(options()).filter(isOwn)) {
      for (const value of [Symbol("x"), NaN, -1, null, "\u0000", KEY, [[]], {}, new Date(0), 10n]) {
        const given = changed(options(), place, (parent, own) => void (parent[own] = value));
        const error = refusalOf(() => make(given));
        if (error) assert.equal(error.code, "invalid_option", `${place.join(".")}: ${String(value)} ${error}`);
        assert.ok(!error?.message.includes(KEY), place.join("."));
        // What has a text or an object may be given one.
        const isBound = place[0] === "inputs" && value === -1;
        const isFree = isBound || [KEY, "\u0000"].includes(/** @type {any} */ (value)) || typeof value === "object";
        assert.ok(error || isFree, `${place.join(".")}: ${String(value)}`);
      }
    }
  });
}

test("what is dropped from a proxy is missed, or lets through no more", async () => {
  const whole = await letsThrough(proxyOptions());
  assert.deepEqual([...whole].sort(), [0, 11, 19], "what the full one lets through");
  for (const place of placesIn(proxyOptions())) {
    const name = place.join(".");
    const given = changed(proxyOptions(), place, (parent, own) => delete parent[own]);
    const error = refusalOf(() => createFalProxy(given));
    if (error) {
      assert.equal(error.code, "invalid_option", name);
      continue;
    }
    const more = [...(await letsThrough(given))].filter((number) => !whole.has(number));
    assert.ok(more.length === 0 || FEATURES.has(name) || DEFAULTS.has(name), `${name} lets through ${more}`);
  }
});

test("an option that does nothing for want of another is refused, and taken beside it", () => {
  const { realtimeTokens, sessions, inputs, ownership, timeouts, ...bare } = /** @type {any} */ (proxyOptions());
  const { limits, secret, maxInputBytes, trustedOrigins, allowedHeaders, grantedEndpoints, ...least } = bare;
  const { tokenPrice, ...spending } = limits.spending;
  const free = { ...limits, spending };
  for (const [where, idle, beside] of /** @type {[string[], any, any][]} */ ([
    [["realtimeTokens", "unruled"], { realtimeTokens: { unruled: true } }, { inputs }],
    [["sessions", "unruled"], { sessions: { unruled: true } }, { inputs }],
    [["allowedHeaders"], { allowedHeaders }, { trustedOrigins }],
    [
      ["limits", "spending.tokenPrice"],
      { limits: { ...free, spending: { ...spending, tokenPrice } } },
      { realtimeTokens: true },
    ],
    [["timeouts", "token"], { timeouts: { token: 1 } }, { realtimeTokens: true }],
    [["timeouts", "upload"], { timeouts: { upload: 1 }, uploads: false }, { uploads: true }],
    [["maxInputBytes"], { maxInputBytes }, { inputs }],
    [["maxInputBytes"], { maxInputBytes }, { limits: free }],
    [["secret"], { secret, ownership: false }, { ownership }],
    [["secret"], { secret, ownership: false }, { sessions: true }],
    [["secret"], { secret, ownership: false }, { limits: free }],
  ])) {
    const error = refusalOf(() => createFalProxy({ ...least, ...idle }));
    assert.equal(error?.code, "invalid_option", where.join("."));
    for (const name of where) assert.ok(error.message.includes(`\`${name}\``), error.message);
    assert.match(error.message, /does nothing (without|where) `/);
    assert.equal(
      refusalOf(() => createFalProxy({ ...least, ...idle, ...beside })),
      undefined,
      where.join("."),
    );
  }
});

test("limits that limit nothing are refused, as the issue has them", () => {
  const store = memoryLimits();
  for (const [limits, where] of /** @type {[any, string][]} */ ([
    [{ store, requests: { max: 1 } }, "requests.windowSeconds"],
    [{ store, requests: { max: 1, windowSecond: 60 } }, "requests.windowSecond"],
    [{ store, spending: { prices: { "fal-ai/flux": 1 } } }, "spending.max"],
    [{ store, spending: { max: 1 } }, "spending.prices"],
    [{ store, spending: { max: 1, prices: {} } }, "spending.prices"],
    [{ store, requests: 5 }, "requests"],
    [{ store, requests: {} }, "requests.max"],
    [{ store }, "requests"],
    [{ concurrent: 1 }, "store"],
    [{ store: {}, concurrent: 1 }, "store"],
    [{ store, concurrent: 0 }, "concurrent"],
    [{ store, spending: { max: 1, prices: { "fal-ai/veo3": 1 } } }, "spending.prices.fal-ai/veo3"],
  ])) {
    const make = () => createFalProxy({ ...proxyOptions(), limits: /** @type {any} */ (limits) });
    const error = refusalOf(/** @type {any} */ (make));
    assert.equal(error?.code, "invalid_option", where);
    assert.ok(error.message.includes("`limits`") && error.message.includes(where), error.message);
  }
});

test("rules that fit nothing that is open, and lists that open everybody's, are refused", () => {
  for (const [options, says] of /** @type {[any, RegExp][]} */ ([
    [{ inputs: { "fal-ai/veo3": { n: { max: 1 } } } }, /`inputs`.*`fal-ai\/veo3` fits none/],
    [{ inputs: { "123-app": { n: { max: 1 } } } }, /123\/app/],
    [{ inputs: { "fal-ai/flux": {} } }, /`fal-ai\/flux` takes an object with at least one/],
    [{ inputs: {} }, /`inputs` takes/],
    [{ inputs: { "fal-ai/flux": { n: {} } } }, /does nothing without/],
    [{ inputs: { "fal-ai/flux": { n: { maximum: 1 } } } }, /did you mean `max`/],
    [{ allowedEndpoints: ["*/**"] }, /names their owner/],
    [{ allowedEndpoints: ["workflows/**"] }, /names their owner/],
    [{ allowedEndpoints: ["123-app"] }, /123\/app/],
    [{ allowedEndpoints: [] }, /at least 1/],
    [{ forwardHeaders: ["x-fal-no-retr"] }, /did you mean `x-fal-no-retry`/],
    [{ ownership: { expirationSeconds: 1e12 } }, /from 1 to 31536000/],
    [{ realtimeTokens: { expirationSeconds: 0 } }, /from 1 to 3600/],
    [{ trustedOrigins: ["https://app.example/"] }, /`0` is no origin.*slash at the end/],
    [{ trustedOrigins: ["https://App.example"] }, /lower case/],
    [{ trustedOrigins: ["https://app.example:443"] }, /leave out the port/],
    [{ trustedOrigins: ["http://app.example"] }, /use https/],
    [{ trustedOrigins: ["null"] }, /everybody/],
    [{ trustedOrigins: [{ origin: "ionic://" }] }, /`0.origin` is no origin.*no host/],
    [{ trustedOrigins: [{ origin: "https://app.example", credential: true }] }, /did you mean `credentials`/],
    [{ trustedOrigins: [{ credentials: true }] }, /`0.origin` is missing/],
    [{ allowedHeaders: ["x-*", "x a"] }, /name of a header/],
    [{ allowedHeaders: ["x-a b"] }, /name of a header/],
    [{ trustedOrigins: undefined }, /`allowedHeaders` does nothing without `trustedOrigins`/],
    [{ maxInputBytes: 5000 }, /more than `maxBodyBytes`/],
    [{ authenticate: "anonymous-public", limits: undefined }, /`limits.spending`/],
    [{ authenticate: "anonymous" }, /anonymous-public/],
    [{ [KEY]: 1 }, /`…` is not known/],
  ])) {
    const { message = "", code } = refusalOf(() => createFalProxy({ ...proxyOptions(), ...options })) ?? {};
    assert.equal(code, "invalid_option", String(says));
    assert.match(message, says);
    assert.ok(!message.includes(KEY));
  }
  assert.match(refusalOf(() => createFalProxy(/** @type {any} */ (undefined))).message, /`options` are missing/);
});
