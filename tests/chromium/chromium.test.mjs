/** The browser build in a real Chromium: what it refuses, and what it does. */

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { build } from "esbuild";

import { watch } from "../../scripts/lib/browser.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { KEY } from "../lib/keys.mjs";
import { openSite } from "./site.mjs";

// The edge build, as a bundler that was told the wrong thing would bring it into a page.
const addEdge = (/** @type {string} */ site) =>
  build({
    stdin: { contents: 'export * from "fal-wasm"; export * from "fal-wasm/proxy";', resolveDir: path(".") },
    outfile: `${site}/edge.js`,
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["node"],
  });

const { emulator, context, page, enter, inPage, close } = await openSite("chromium-site", addEdge);
const seen = watch(context);

before(enter);
beforeEach(() => emulator.control({ reset: true }));
after(close);

/** @param {any[]} results @param {string} place */
function assertRefused(results, place) {
  assert.ok(results.length > 50, `${results.length} attempts`);
  for (const { name, code, class: kind, echoes, helps } of results) {
    assert.deepEqual(
      [code, kind, echoes, helps],
      ["credentials_in_browser", "CredentialsError", false, true],
      `${place}: ${name}`,
    );
  }
}

const sentToFal = async () => (await emulator.seen()).requests.length;

test("a key is refused in a page", async () => {
  assertRefused(await inPage("refusals.js", "tryEverything"), "page");
  assert.equal(await sentToFal(), 0);
});

test("a key is refused in a dedicated worker", async () => {
  const results = await page.evaluate(
    () =>
      new Promise(
        (resolve) => (new Worker("/dedicated.js", { type: "module" }).onmessage = ({ data }) => resolve(data)),
      ),
  );
  assertRefused(/** @type {any} */ (results), "dedicated worker");
  assert.equal(await sentToFal(), 0);
});

test("a key is refused in a service worker", async () => {
  const results = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register("/service.js", { type: "module", scope: "/nowhere/" });
    const service = registration.installing ?? registration.waiting ?? registration.active;
    await new Promise((resolve) =>
      service?.state === "activated"
        ? resolve(0)
        : service?.addEventListener("statechange", () => service.state === "activated" && resolve(0)),
    );
    const answer = new Promise((resolve) => (navigator.serviceWorker.onmessage = ({ data }) => resolve(data)));
    service?.postMessage("go");
    const results = await answer;
    await registration.unregister();
    return results;
  });
  assertRefused(/** @type {any} */ (results), "service worker");
  assert.equal(await sentToFal(), 0);
});

test("the edge build refuses, too, where it does not belong, whatever a polyfill pretends", async () => {
  const inWorker = () =>
    new Promise(
      (resolve) => (new Worker("/dedicated-edge.js", { type: "module" }).onmessage = ({ data }) => resolve(data)),
    );
  for (const told of [await inPage("edge-refusals.js", "tryEdge"), await page.evaluate(inWorker)]) {
    const { ambient, throughTheProxy, ...refused } = /** @type {any} */ (told);
    for (const [name, code] of Object.entries(refused)) assert.equal(code, "credentials_in_browser", name);
    assert.equal(ambient, "proxy_url_missing", "the key of the environment is not read");
    assert.equal(throughTheProxy, "it went through");
  }
});

test("what is no key passes", async () => {
  assert.equal(await inPage("refusals.js", "tryHarmless"), 3);
});

test("run, subscribe, queue, files: everything goes through the app's own proxy", async () => {
  await emulator.control({ queue: { ahead: 1, step_ms: 400, run_ms: 800 } });
  const { ran, uploaded, ...rest } = await inPage("client.js", "everything");
  assert.deepEqual(ran.sort(), ["content_type", "height", "url", "width"]);
  assert.deepEqual(rest, {
    sameId: true,
    states: ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"],
    derived: 512,
    queued: "IN_QUEUE",
    cancelled: true,
    status: "COMPLETED",
    bytes: 10,
  });
  assert.equal(await (await fetch(uploaded)).text(), "hello");
  const { requests } = await emulator.seen();
  const calls = requests.filter(
    (/** @type {any} */ { host, method }) => host !== "v3.fal.media" && method !== "OPTIONS",
  );
  assert.ok(calls.every((/** @type {any} */ { authorized }) => authorized === true));
  const files = requests.filter((/** @type {any} */ { host }) => host === "v3.fal.media");
  assert.ok(
    files.length > 0 && files.every((/** @type {any} */ { authorization }) => !authorization),
    "a file's place gets no key",
  );
});

test("streams and statuses come as they happen, through the app's own proxy", async () => {
  await emulator.control({ queue: { ahead: 1, step_ms: 100, run_ms: 300 } });
  assert.deepEqual(await inPage("client.js", "streams"), {
    growing: true,
    last: true,
    many: true,
    named: true,
    resumed: ["COMPLETED", { a: 1 }, true],
  });
  const { requests, jobs } = await emulator.seen();
  assert.equal(jobs.length, 1, "resuming submits nothing");
  const paths = requests.map((/** @type {any} */ { path }) => path);
  assert.ok(paths.some((/** @type {string} */ path) => path.endsWith("/status/stream")));
  assert.ok(!paths.some((/** @type {string} */ path) => path.endsWith("/status")), "nobody had to ask");
});

test("many requests at once leave connections for the app itself", async () => {
  await emulator.control({ queue: { ahead: 0, step_ms: 0, run_ms: 2_500, concurrency: 20 } });
  const { page, pageAfter, answers } = await inPage("client.js", "crowd");
  assert.equal(page, 200);
  assert.deepEqual(
    answers,
    Array.from({ length: 12 }, (_, index) => index),
  );
  assert.ok(pageAfter < 500, `the app waited ${pageAfter} ms for one of its own files`);
});

test("what fails says what happened, whether to try again, and what to do", async () => {
  const told = await inPage("client.js", "failures");
  assert.deepEqual(told.classes, [true, true, true, true]);
  const codes = Object.fromEntries(
    Object.entries(told)
      .filter(([name]) => name !== "classes")
      .map(([name, error]) => [name, /** @type {any} */ (error).code]),
  );
  assert.deepEqual(codes, {
    validation: "validation_error",
    endpoint: "invalid_endpoint_id",
    closed: "endpoint_not_allowed",
    left: "aborted",
    noProxy: "proxy_url_missing",
    noProxyThere: "method_not_allowed",
    nobodyThere: "connection_lost",
  });
  assert.equal(told.left.cancelled, "accepted");
  assert.match(told.noProxy.message, /fal\.config\({ proxyUrl: "\/api\/fal\/proxy" }\)/);
});

test("a connection that breaks, before and in the middle of an answer, is an error", async () => {
  for (const [then, codes] of /** @type {[object, string[]][]} */ ([
    [{ drop: "before" }, ["upstream_unreachable"]],
    [{ drop: "after" }, ["upstream_unreachable"]],
    [{ truncate: 5 }, ["upstream_broken", "connection_lost", "invalid_answer"]],
  ])) {
    await emulator.control({ reset: true });
    await emulator.control({ faults: [{ match: { path_contains: "emulator/echo" }, times: 1, then }] });
    const error = await inPage("client.js", "dropped");
    assert.ok(codes.includes(error.code), JSON.stringify([then, error]));
    assert.equal((await emulator.seen()).jobs.length <= 1, true);
  }
});

test("a proxy that could be somebody else is refused", async () => {
  assert.deepEqual(new Set(await inPage("client.js", "proxyUrls")), new Set(["proxy_url_invalid"]));
});

test("the browser never saw the key", async () => {
  const everything = await seen.all();
  assert.ok(everything.length > 100_000, "it saw something");
  assert.ok(!isSeen(everything, formsOf(KEY)));
});
