/** What errors say: what happened, whether to try again, what to do; and never what came in. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { inspect } from "node:util";

import { ApiError, CredentialsError, FalError, ValidationError, createFalClient } from "fal-wasm";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY, LOCKED_KEY, OTHER_KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const env = { FAL_KEY: KEY };

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** The error of a run that is answered like this. @param {number} status @param {any} body @param {Record<string, string>} [headers] @returns {Promise<any>} */
function errorOf(status, body, headers) {
  const fetch = async () => Response.json(body, { status, headers });
  return failureOf(createFalClient({ env, fetch, retry: { maxRetries: 0 } }).run("a/b", { input: {} }));
}

test("a proxy whose key fal refuses is not tried again, and nothing ran there", async () => {
  const error = await errorOf(502, {
    error: { code: "upstream_auth", message: "fal refused the key of this server." },
  });
  assert.deepEqual([error.code, error.retryable], ["upstream_auth", false]);
  assert.match(error.message, /key of this server\. Trying again will not help\.$/);
});

test("a wrong key, a locked account, a missing scope and a full account are told apart, with what to do", async () => {
  const asked = async (/** @type {string} */ key, endpoint = "emulator/echo") =>
    failureOf(createFalClient({ credentials: key, fetch: emulator.fetch }).run(endpoint, { input: {} }));
  const table = /** @type {[any, string, number, boolean, RegExp][]} */ ([
    [await asked("wrong:key"), "unauthorized", 401, false, /whole.*revoked.*fal\.ai\/dashboard\/keys/],
    [await asked(LOCKED_KEY), "balance_exhausted", 403, false, /topped up: fal\.ai\/dashboard\/billing/],
    [await asked(OTHER_KEY, "emulator/private"), "permission_missing", 403, false, /may not do this.*scope API.*ADMIN/],
    [
      await errorOf(403, { detail: "User is locked. Reason: Admin lock. Please contact support@fal.ai" }),
      "account_locked",
      403,
      false,
      /account is locked\. Write to support@fal\.ai/,
    ],
    [await errorOf(403, { detail: "User is locked. Reason: TOP_UP." }), "balance_exhausted", 403, false, /billing/],
    [await errorOf(403, { detail: "no" }), "forbidden", 403, false, /scope of the key/],
    [
      await errorOf(
        429,
        { detail: "Reached concurrent requests limit of 20", type: "concurrent_requests_limit", data: { limit: 20 } },
        { "x-fal-needs-retry": "1" },
      ),
      "concurrency_limit",
      429,
      true,
      /`subscribe` and `queue\.submit` wait for their turn/,
    ],
    [await errorOf(400, { detail: "Request is still in progress" }), "in_progress", 400, true, /COMPLETED.*may help/],
    [await errorOf(429, { detail: "Slow down" }), "rate_limited", 429, true, /Slow down\. Trying again may help/],
  ]);
  for (const [error, code, status, retryable, advice] of table) {
    assert.deepEqual([error.code, error.status, error.retryable], [code, status, retryable], error.message);
    assert.match(error.message, advice);
    assert.ok(error instanceof ApiError);
  }
});

/** fal's request errors, then its model errors: type, status, whether trying again can help. @type {[string, number, boolean][]} */
const REQUEST_ERRORS = [
  ["request_timeout", 504, true],
  ["startup_timeout", 504, true],
  ["runner_scheduling_failure", 503, true],
  ["runner_connection_timeout", 503, true],
  ["runner_disconnected", 503, true],
  ["runner_connection_refused", 503, true],
  ["runner_connection_error", 503, true],
  ["runner_incomplete_response", 502, true],
  ["runner_server_error", 500, true],
  ["client_disconnected", 499, false],
  ["client_cancelled", 499, false],
  ["bad_request", 400, false],
  ["internal_error", 500, true],
];
const MODEL_ERRORS = [
  ...["internal_server_error", "generation_timeout", "downstream_service_error", "downstream_service_unavailable"],
  ...["content_policy_violation", "no_media_generated", "image_too_small", "image_too_large", "image_load_error"],
  ...["file_download_error", "face_detection_error", "file_too_large", "greater_than", "greater_than_equal"],
  ...["less_than", "less_than_equal", "multiple_of", "sequence_too_short", "sequence_too_long", "one_of"],
  ...["feature_not_supported", "invalid_archive", "archive_file_count_below_minimum"],
  ...["archive_file_count_exceeds_maximum", "audio_duration_too_long", "audio_duration_too_short"],
  ...["video_duration_too_long", "video_duration_too_short", "unsupported_audio_format"],
  ...["unsupported_image_format", "unsupported_video_format"],
];

test("every error fal documents has its own name as its code", async () => {
  for (const [type, status, retryable] of REQUEST_ERRORS) {
    for (const [body, headers] of /** @type {[any, any][]} */ ([
      [{ detail: "It went wrong", error_type: type }, {}],
      [{ detail: "It went wrong" }, { "x-fal-error-type": type }],
    ])) {
      const error = await errorOf(status, body, headers);
      assert.deepEqual([error.code, error.errorType, error.status, error.retryable], [type, type, status, retryable]);
      assert.match(error.message, /^a\/b was answered with \d+: It went wrong\. /);
    }
  }
  for (const type of MODEL_ERRORS) {
    const body = { detail: [{ loc: ["body", "image_url"], msg: "It is wrong", type }] };
    const error = await errorOf(422, body, { "x-fal-retryable": "false" });
    assert.deepEqual(
      [error.code, error.errorType, error.name, error.retryable],
      [type, type, "ValidationError", false],
    );
    assert.deepEqual(error.getFieldErrors("image_url"), body.detail);
    assert.match(error.message, /: image_url: It is wrong\. Trying again will not help\.$/);
  }
});

test("what fal says about trying again counts more than the status", async () => {
  const detail = [{ loc: ["body"], msg: "m", type: "downstream_service_error" }];
  for (const [status, headers, retryable] of /** @type {[number, any, boolean][]} */ ([
    [400, { "x-fal-retryable": "true" }, true],
    [400, {}, false],
    [500, { "x-fal-retryable": "false" }, false],
    [500, { "x-fal-needs-retry": "0" }, false],
    [500, {}, true],
  ])) {
    const error = await errorOf(status, { detail }, headers);
    assert.equal(error.retryable, retryable);
    assert.match(error.message, retryable ? /may help\.$/ : /will not help\.$/);
  }
});

test("all three shapes of an explanation are read", async () => {
  const plain = await errorOf(422, { detail: [{ loc: ["body", "prompt"], msg: "Field required", type: "missing" }] });
  assert.deepEqual([plain.code, plain.errorType], ["validation_error", "missing"]);
  assert.match(plain.message, /: prompt: Field required\./);
  const text = await errorOf(422, { detail: "The prompt is too odd" });
  assert.deepEqual(text.fieldErrors, [{ loc: ["body"], msg: "The prompt is too odd", type: "value_error" }]);
  assert.match(text.message, /The prompt is too odd\./);
  const typed = await errorOf(503, { detail: "Gone", error_type: "runner_disconnected" });
  assert.equal(typed.code, "runner_disconnected");
  for (const odd of [null, 7, "text", [], {}, { detail: null }, { detail: [null] }, { detail: [{}] }, { detail: {} }]) {
    const error = await errorOf(422, odd);
    assert.deepEqual([error.code, error.name], ["validation_error", "ValidationError"]);
    assert.ok(Array.isArray(error.fieldErrors));
    assert.match(error.message, /^a\/b was answered with 422\. Trying again will not help\.$/);
  }
});

test("a message stays readable, however much an answer says", async () => {
  const error = await errorOf(500, { detail: "many words ".repeat(10_000) });
  assert.ok(error.message.length < 1_200);
  assert.match(error.message, /Trying again may help\.$/);
  assert.equal(error.body.detail.length, 110_000);
});

test("a failed request tells what it cost, when fal says so", async () => {
  assert.equal((await errorOf(422, { detail: "x" }, { "x-fal-billable-units": "0" })).billable, 0);
  assert.equal((await errorOf(422, { detail: "x" }, { "x-fal-billable-units": "1.5" })).billable, 1.5);
  for (const headers of [{}, { "x-fal-billable-units": "many" }])
    assert.ok(!("billable" in (await errorOf(422, { detail: "x" }, headers))));
});

test("the caller's own start timeout is not worth trying again", async () => {
  const error = await errorOf(504, { detail: "Timed out" }, { "x-fal-request-timeout-type": "user" });
  assert.deepEqual(
    [error.code, error.isUserTimeout, error.timeoutType, error.retryable],
    ["start_timeout", true, "user", false],
  );
});

test("an input that an explanation echoes is in nothing that is printed", async () => {
  const prompt = "a very private prompt";
  const detail = [{ loc: ["body", "prompt"], msg: "Refused", type: "content_policy_violation", input: { prompt } }];
  const error = await errorOf(422, { detail });
  const printed = [
    error.message,
    String(error),
    error.stack,
    JSON.stringify(error),
    JSON.stringify({ ...error }),
    inspect({ error }, { depth: 9, getters: true }),
    // What programs log of an error besides.
    inspect(error.fieldErrors, { depth: 9 }),
    JSON.stringify(error.body),
  ];
  for (const text of printed) assert.ok(!text.includes(prompt), text);
  assert.equal(error.body.detail[0].input.prompt, prompt, "it can be looked at all the same");
});

test("an error can be made as the official one is, and is the same class from both doors of the package", async () => {
  const error = new ApiError({
    message: "mine",
    status: 504,
    body: { detail: "x" },
    requestId: "r",
    timeoutType: "user",
  });
  assert.deepEqual(
    [error.message, error.status, error.body, error.requestId, error.isUserTimeout, error.name, error.attempts],
    ["mine", 504, { detail: "x" }, "r", true, "ApiError", 0],
  );
  const validation = new ValidationError({ message: "mine", status: 422, body: { detail: [] } });
  assert.ok(validation instanceof ApiError && validation instanceof FalError && validation.requestId === "");
  assert.throws(
    () => createFalProxy({ authenticate: /** @type {any} */ (1), allowedEndpoints: [] }),
    (thrown) => thrown instanceof FalError && thrown.code === "invalid_option",
  );
  const leaked = await errorOf(401, { error: { code: "credentials_in_browser", message: "A key was sent." } });
  assert.ok(leaked instanceof CredentialsError && !(leaked instanceof ApiError));
});

/** A client behind a proxy that answers so. @param {() => any} answer @param {string} [url] */
const behind = (answer, url = "/api2/fal/proxy") =>
  createFalClient({ proxyUrl: { url, when: "always" }, fetch: async () => answer(), retry: { maxRetries: 0 } });

test("what answers at `proxyUrl` and is no proxy is named, and what fal or a proxy says is theirs", async () => {
  const page = () => new Response("<!doctype html>", { status: 404, headers: { "content-type": "text/html" } });
  for (const call of [
    (/** @type {any} */ fal) => fal.run("a/b"),
    (/** @type {any} */ fal) => fal.subscribe("a/b"),
    (/** @type {any} */ fal) => fal.storage.upload(new Blob(["x"])),
  ]) {
    const error = await failureOf(call(behind(page)));
    assert.equal(error.code, "not_found");
    assert.match(
      error.message,
      /^`\/api2\/fal\/proxy` answered 404 .*not as fal or a proxy of this package does: look at `proxyUrl`/,
    );
  }
  const fals = await failureOf(behind(() => Response.json({ detail: "No such app" }, { status: 404 })).run("a/b"));
  assert.match(fals.message, /^a\/b was answered with 404: No such app\./);
});

test("a connection that fails names where it was to lead, and another origin's `trustedOrigins`", async () => {
  const fails = () => Promise.reject(new TypeError("Failed to fetch"));
  const error = await failureOf(behind(fails, "https://api.example/fal").run("a/b"));
  assert.equal(error.code, "connection_lost");
  assert.match(error.message, /^The connection to `https:\/\/api\.example\/fal` failed.*`trustedOrigins`/);
  assert.doesNotMatch((await failureOf(behind(fails).run("a/b"))).message, /trustedOrigins/);
});

test("an id that was kept without its handle, and a field that is not allowed, are said", async () => {
  const refused = (/** @type {number} */ status, /** @type {string} */ code, /** @type {any} */ detail) => () =>
    Response.json({ error: { code, message: "No.", requestId: "r" }, detail }, { status });
  const lost = await failureOf(
    behind(refused(404, "request_not_found", undefined)).queue.result("a/b", { requestId: "r" }),
  );
  assert.match(lost.message, /The id alone is not enough: keep `JSON\.stringify\(fal\.queue\.handle/);
  const detail = [{ loc: ["body", "num_images"], msg: "must be at most 4", type: "less_than_equal" }];
  const field = await failureOf(behind(refused(422, "input_not_allowed", detail)).run("a/b"));
  assert.match(field.message, /num_images: must be at most 4/);
});

test("a visitor can be told something that is not technical", async () => {
  const told = async (/** @type {number} */ status, /** @type {string} */ code) =>
    (await failureOf(behind(() => Response.json({ error: { code, message: "x" } }, { status })).run("a/b")))
      .userMessage;
  assert.match(await told(429, "rate_limited"), /wait a moment/);
  assert.match(await told(429, "budget_exhausted"), /come back later/);
  assert.match(await told(401, "unauthenticated"), /sign in/);
  assert.match(await told(422, "input_not_allowed"), /input cannot be used/);
  assert.match(await told(500, "misconfigured"), /^[^`_]+$/);
  const error = await failureOf(behind(() => new Response("", { status: 403 })).run("a/b"));
  assert.equal(error.userMessage, "This does not work at the moment.");
});
