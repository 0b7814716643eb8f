/** Verifying a webhook: what fal signed is taken, and nothing else in the world is. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { verifyWebhook, WebhookError } from "fal-wasm/webhook";

import { assertSilent, failureOf } from "../lib/expect.mjs";
import { BODY, makeKey, posted, publish, seconds, signed, tryMutants } from "../lib/webhooks.mjs";

const key = await makeKey();
const { fetch, asked } = publish(key);
const PREFIX = "x-fal-webhook-";

/** The code of the refusal. @param {any} source @param {any} [options] */
const codeOf = async (source, options = { fetch }) => {
  const error = await failureOf(verifyWebhook(source, options));
  assert.ok(error instanceof WebhookError, error.stack);
  return error.code;
};

test("a webhook of fal's is taken, however it comes", async () => {
  const one = await signed(key, { body: BODY });
  const upper = Object.fromEntries(Object.entries(one.headers).map(([name, value]) => [name.toUpperCase(), value]));
  const forms = [
    () => posted(one),
    () => one,
    () => ({ headers: new Headers(one.headers), body: one.body.buffer }),
    () => ({ headers: Object.entries(one.headers), body: Buffer.from(one.body) }),
    () => ({ headers: upper, body: new DataView(one.body.buffer) }),
    () => ({ headers: { ...one.headers, "set-cookie": ["a", "b"] }, body: Buffer.from(`xx${BODY}`).subarray(2) }),
  ];
  for (const form of forms) {
    const { duplicate, ...event } = await verifyWebhook(form(), { fetch });
    assert.equal(duplicate, form !== forms[0], "fal delivers again what it is not sure about");
    assert.deepEqual(event, {
      request_id: "123e4567-e89b-12d3-a456-426614174000",
      gatewayRequestId: "later",
      status: "OK",
      payload: JSON.parse(BODY).payload,
      userId: "user|1",
    });
  }
  assert.equal(asked.length, 1);
  assert.equal(asked[0].url, "https://rest.fal.ai/.well-known/jwks.json");
  assert.equal(asked[0].init.redirect, "manual");
});

test("a failure and a result that is no JSON are told", async () => {
  const error = '{"request_id":"r","status":"ERROR","error":"Invalid status code: 422","payload":{"detail":[]}}';
  const failed = await verifyWebhook(await signed(key, { body: error }), { fetch });
  assert.deepEqual(
    [failed.status, failed.error, failed.payload],
    ["ERROR", "Invalid status code: 422", { detail: [] }],
  );
  const bytes = '{"request_id":"r","status":"OK","payload":null,"payload_error":"not JSON"}';
  const binary = await verifyWebhook(await signed(key, { body: bytes }), { fetch });
  assert.deepEqual([binary.payload, binary.payload_error, "error" in binary], [null, "not JSON", false]);
});

test("old recordings and times to come are refused, and nothing turns that off", async () => {
  for (const [offset, code] of /** @type {[number, string][]} */ ([
    [-302, "webhook_too_old"],
    [302, "webhook_too_new"],
    [-86_400, "webhook_too_old"],
    [86_400 * 365, "webhook_too_new"],
  ])) {
    const one = await signed(key, { time: seconds() + offset });
    for (const more of [{}, { tolerance: 0 }, { tolerance: Infinity }, { toleranceSeconds: 1e9, verify: false }]) {
      assert.equal(await codeOf(one, { fetch, ...more }), code, String(offset));
    }
  }
  for (const offset of [-295, 295]) await verifyWebhook(await signed(key, { time: seconds() + offset }), { fetch });
});

test("times that are no plain number of seconds are refused, though they were signed", async () => {
  for (const time of [
    "",
    `+${seconds()}`,
    ` ${seconds()}`,
    `0${seconds()}`,
    `${seconds()}.0`,
    `${Date.now()}`,
    "now",
  ]) {
    assert.equal(await codeOf(await signed(key, { time })), "webhook_header_invalid", JSON.stringify(time));
  }
});

test("without one of the four headers nothing is taken", async () => {
  for (const name of ["request-id", "user-id", "timestamp", "signature"]) {
    const one = await signed(key);
    delete one.headers[PREFIX + name];
    assert.equal(await codeOf(one), "webhook_header_missing");
    assert.equal(await codeOf(posted(one)), "webhook_header_missing");
  }
  for (const source of [
    {},
    { headers: null },
    { headers: 7 },
    { headers: [null, 7, []] },
    { headers: "a" },
    undefined,
    null,
    "webhook",
    [],
  ]) {
    assert.equal(await codeOf(source), "webhook_header_missing");
  }
});

test("a header that is there twice is refused, also when both are the same", async () => {
  for (const name of ["request-id", "user-id", "timestamp", "signature"]) {
    const one = await signed(key);
    const value = one.headers[PREFIX + name];
    const twice = posted(one);
    twice.headers.append(PREFIX + name, value);
    assert.equal(await codeOf(twice), "webhook_header_invalid");
    assert.equal(
      await codeOf({ ...one, headers: { ...one.headers, [PREFIX + name]: [value, value] } }),
      "webhook_header_invalid",
    );
    assert.equal(
      await codeOf({ ...one, headers: { ...one.headers, [`X-Fal-Webhook-${name}`]: value } }),
      "webhook_header_invalid",
    );
    const pairs = [...Object.entries(one.headers), [PREFIX + name, "other"]];
    assert.equal(await codeOf({ ...one, headers: pairs }), "webhook_header_invalid");
  }
});

test("a line that is moved from one header to the next does not hold", async () => {
  const one = await signed(key, { id: "a\nb", user: "c" });
  const moved = { ...one.headers, [`${PREFIX}request-id`]: "a", [`${PREFIX}user-id`]: "b\nc" };
  for (const headers of [one.headers, moved]) {
    assert.equal(await codeOf({ headers, body: one.body }), "webhook_header_invalid");
  }
});

test("only the bytes as they arrived can be verified, and the error says so", async () => {
  const one = await signed(key);
  for (const body of [JSON.parse(BODY), BODY, undefined, null, [...one.body], 7, new Blob([BODY]), posted(one).body]) {
    const error = await failureOf(verifyWebhook({ headers: one.headers, body: /** @type {any} */ (body) }, { fetch }));
    assert.equal(error.code, "webhook_body_not_raw");
    assert.match(error.message, /express\.raw/);
    assert.equal(error.status, 500);
  }
  const again = { ...one, body: new TextEncoder().encode(JSON.stringify(JSON.parse(BODY))) };
  assert.equal(await codeOf(again), "webhook_signature_invalid");
});

test("a body that was read before, breaks off or is too large is refused", async () => {
  const one = await signed(key);
  const used = posted(one);
  await used.text();
  assert.equal(await codeOf(used), "webhook_unreadable");
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
  assert.equal(await codeOf(posted(one, /** @type {any} */ ({ body: broken, duplex: "half" }))), "webhook_unreadable");
  const small = { fetch, maxBodyBytes: 100 };
  assert.equal(await codeOf(posted(one), small), "webhook_too_large");
  assert.equal(await codeOf(one, small), "webhook_too_large");
  let pulled = 0;
  const endless = new ReadableStream({ pull: (controller) => (pulled++, controller.enqueue(new Uint8Array(60))) });
  assert.equal(
    await codeOf(posted(one, /** @type {any} */ ({ body: endless, duplex: "half" })), small),
    "webhook_too_large",
  );
  assert.ok(pulled < 6, `${pulled} chunks of a body that was refused`);
  await verifyWebhook(posted(one), { fetch, maxBodyBytes: one.body.length });
});

test("what is verified is what is parsed, whatever happens to the bytes meanwhile", async () => {
  const one = await signed(key);
  const verifying = verifyWebhook(one, { fetch });
  one.body.fill(32);
  assert.equal((await verifying).status, "OK");
});

test("what fal signed and is no webhook is refused, and can smuggle nothing in", async () => {
  for (const body of [
    "",
    "null",
    "7",
    '"OK"',
    "[]",
    "{}",
    '{"request_id":1,"status":"OK"}',
    '{"request_id":"r","status":"DONE"}',
    BODY.slice(1),
  ]) {
    assert.equal(await codeOf(await signed(key, { body })), "webhook_payload_invalid", body);
  }
  assert.equal(await codeOf(await signed(key, { body: Uint8Array.of(0x22, 0xff, 0x22) })), "webhook_payload_invalid");
  const body =
    '{"request_id":"odd","status":"OK","duplicate":true,"userId":"root","__proto__":{"admin":true},"payload":{"__proto__":1}}';
  const event = await verifyWebhook(await signed(key, { body }), { fetch });
  assert.deepEqual([event.userId, event.duplicate, /** @type {any} */ (event).admin], ["user|1", false, undefined]);
  assert.equal(Object.getPrototypeOf(event), Object.prototype);
});

test("options that cannot be are refused by name", async () => {
  const one = await signed(key);
  for (const option of [
    { maxBodyBytes: 0 },
    { maxBodyBytes: NaN },
    { maxBodyBytes: "1" },
    { fetch: 7 },
    { replayStore: {} },
    { replayStore: 7 },
  ]) {
    const error = await failureOf(verifyWebhook(one, /** @type {any} */ ({ fetch, ...option })));
    assert.equal(error.code, "invalid_option");
    assert.match(error.message, new RegExp(Object.keys(option)[0]));
  }
});

test("an error shows nothing of what was sent", async () => {
  const secret = "5ecre7-pr0mpt";
  const one = await signed(key, { id: secret, user: secret, body: `{"prompt":"${secret}"}` });
  const sources = [
    one,
    { ...one, body: secret },
    { ...one, body: Buffer.from(secret) },
    { ...one, headers: { ...one.headers, [`${PREFIX}timestamp`]: secret } },
    { ...one, headers: { ...one.headers, [`${PREFIX}signature`]: secret } },
  ];
  for (const source of sources) {
    const error = await failureOf(verifyWebhook(/** @type {any} */ (source), { fetch }));
    assertSilent(error);
    assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(secret), error.stack);
  }
});

test("of ten thousand webhooks that were changed anywhere none is taken, and none does anything else", async () => {
  assert.deepEqual(await tryMutants({ verifyWebhook, WebhookError }, 10_000, process.env.SEED), []);
});
