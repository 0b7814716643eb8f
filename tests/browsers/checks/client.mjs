/** The client in a page: everything goes through the app's own proxy. */

import assert from "node:assert/strict";

/** @type {Record<string, import("./index.mjs").Check>} */
export const client = {
  "run, subscribe, queue, files: everything goes through the app's own proxy": async ({ emulator, inPage }) => {
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
  },

  "streams and statuses come as they happen, through the app's own proxy": async ({ emulator, inPage }) => {
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
  },

  "many requests at once leave connections for the app itself": async ({ emulator, inPage }) => {
    await emulator.control({ clock: "manual", queue: { ahead: 0, step_ms: 0, run_ms: 2_500, concurrency: 20 } });
    const { page, doneBefore, answers } = await inPage("client.js", "crowd");
    assert.equal(page, 200, "the app waits for one of its own files");
    assert.equal(doneBefore, 0, "it had to wait until a request was done");
    assert.deepEqual(
      answers,
      Array.from({ length: 12 }, (_, index) => index),
    );
  },

  "what fails says what happened, whether to try again, and what to do": async ({ inPage }) => {
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
  },

  "a connection that breaks, before and in the middle of an answer, is an error": async ({ emulator, inPage }) => {
    for (const [then, codes] of /** @type {[object, string[]][]} */ ([
      [{ drop: "before" }, ["upstream_broken"]],
      [{ drop: "after" }, ["upstream_broken"]],
      [{ truncate: 5 }, ["upstream_broken", "connection_lost", "invalid_answer"]],
    ])) {
      await emulator.control({ reset: true });
      await emulator.control({ faults: [{ match: { path_contains: "emulator/echo" }, times: 1, then }] });
      const error = await inPage("client.js", "dropped");
      assert.ok(codes.includes(error.code), JSON.stringify([then, error]));
      assert.equal((await emulator.seen()).jobs.length <= 1, true);
    }
  },

  "a proxy that could be somebody else is refused": async ({ inPage }) => {
    assert.deepEqual(new Set(await inPage("client.js", "proxyUrls")), new Set(["proxy_url_invalid"]));
  },
};
