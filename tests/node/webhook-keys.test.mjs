/** fal's keys: they change, they cannot be had, they are wrong; and what is no signature stays none. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { verifyWebhook } from "fal-wasm/webhook";

import * as core from "../../target/modules/edge/core.js";
import * as keys from "../../target/modules/edge/webhook/keys.js";
import { stopClock } from "../lib/clock.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { makeKey, publish, publisher, signed, tryVectors } from "../lib/webhooks.mjs";
import { wycheproof } from "../lib/wycheproof.mjs";

const [key, next, stranger] = await Promise.all([makeKey(), makeKey(), makeKey()]);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Goes on with a clock that moves when it is told to. @param {import("node:test").TestContext} t */
function clock(t) {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  t.after(() => mock.timers.reset());
  return (/** @type {number} */ ms) => mock.timers.setTime(Date.now() + ms);
}

/** Verifies something that was signed just now: `OK`, or the code of the error. @param {any} by @param {any} fetch */
const verify = async (by, fetch) =>
  verifyWebhook(await signed(by), { fetch }).then(
    ({ status }) => status,
    (error) => error.code,
  );

test("every vector of Wycheproof, through the keys and signatures that are used", async () => {
  assert.deepEqual(await tryVectors({ ...core, ...keys }, wycheproof()), { count: 151, wrong: [] });
});

test("a key that is not fal's signs nothing, whatever it is called", async () => {
  const named = publisher(() =>
    Response.json({
      keys: [
        { ...key.jwk, kid: "a" },
        { ...next.jwk, kid: "a" },
        { ...next.jwk, kid: 7 },
      ],
    }),
  );
  assert.equal(await verify(key, named.fetch), "OK");
  assert.equal(await verify(next, named.fetch), "OK");
  assert.equal(await verify(stranger, named.fetch), "webhook_signature_invalid");
});

test("a new key of fal's is found by the first webhook that it signed", async (t) => {
  const forward = clock(t);
  let keys = [key];
  const { fetch, asked } = publisher(() => Response.json({ keys: keys.map(({ jwk }) => jwk) }));
  assert.equal(await verify(key, fetch), "OK");
  forward(MINUTE);
  keys = [next, key];
  assert.equal(await verify(next, fetch), "OK");
  assert.equal(await verify(key, fetch), "OK");
  assert.equal(asked.length, 2);
  forward(MINUTE);
  keys = [next];
  // The old one is used until fal is asked again.
  assert.equal(await verify(key, fetch), "OK");
  forward(HOUR);
  assert.equal(await verify(key, fetch), "webhook_signature_invalid");
  assert.equal(await verify(next, fetch), "OK");
});

test("forged signatures make fal be asked once per cooldown, not once each", async (t) => {
  const forward = clock(t);
  const { fetch, asked } = publish(key);
  assert.equal(await verify(key, fetch), "OK");
  for (let round = 1; round <= 3; round += 1) {
    forward(31_000);
    const forged = await Promise.all(Array.from({ length: 20 }, () => verify(stranger, fetch)));
    assert.deepEqual([...new Set(forged)], ["webhook_signature_invalid"]);
    assert.equal(asked.length, 1 + round);
  }
});

test("a hundred webhooks at once ask once", async () => {
  let answer = (/** @type {Response} */ _) => {};
  const { fetch, asked } = publisher(() => new Promise((resolve) => (answer = resolve)));
  const all = Promise.all(Array.from({ length: 100 }, () => verify(key, fetch)));
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  answer(Response.json({ keys: [key.jwk] }));
  assert.deepEqual([...new Set(await all)], ["OK"]);
  assert.equal(asked.length, 1);
});

test("keys are kept for an hour, and while fal is down for a day and no longer", async (t) => {
  const forward = clock(t);
  let up = true;
  const { fetch, asked } = publisher(() => {
    if (!up) throw new TypeError("fetch failed");
    return Response.json({ keys: [key.jwk] });
  });
  assert.equal(await verify(key, fetch), "OK");
  forward(HOUR - MINUTE);
  assert.equal(await verify(key, fetch), "OK");
  assert.equal(asked.length, 1);
  up = false;
  for (let hour = 1; hour < 24; hour += 1) {
    forward(HOUR);
    assert.equal(await verify(key, fetch), "OK", `after ${hour} hours`);
    assert.equal(asked.length, 1 + hour);
  }
  forward(2 * MINUTE);
  const error = await failureOf(verifyWebhook(await signed(key), { fetch }));
  assert.deepEqual([error.code, error.status, error.retryable], ["webhook_keys_unavailable", 503, true]);
  assert.equal(error.cause.message, "fetch failed");
  up = true;
  forward(3_000);
  assert.equal(await verify(key, fetch), "OK");
});

/** What could stand where fal's keys are, and is none. @type {Record<string, () => any>} */
const GARBAGE = {
  "an error": () => new Response("no", { status: 500 }),
  "a redirect": () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } }),
  "no content": () => new Response(null, { status: 204 }),
  nothing: () => new Response(""),
  "a page": () => new Response("<!doctype html>"),
  null: () => new Response("null"),
  "a list": () => Response.json([key.jwk]),
  "no list": () => Response.json({ keys: { 0: key.jwk, length: 1 } }),
  "no keys": () => Response.json({ keys: [] }),
  "things that are no keys": () =>
    Response.json({ keys: [null, 7, "key", [], {}, { kty: "OKP" }, { ...key.jwk, x: 7 }] }),
  "keys of other kinds": () =>
    Response.json({
      keys: [
        { ...key.jwk, kty: "EC" },
        { ...key.jwk, crv: "X25519" },
        { ...key.jwk, use: "enc" },
      ],
    }),
  "keys in another spelling": () =>
    Response.json({
      keys: [`${key.jwk.x}=`, `${key.jwk.x}A`, ` ${key.jwk.x}`, key.jwk.x?.slice(1)].map((x) => ({ ...key.jwk, x })),
    }),
  "keys that anybody can sign for": () =>
    Response.json({ keys: ["AQAA", "AAAA"].map((start) => ({ ...key.jwk, x: start.padEnd(43, "A") })) }),
  "too many keys": () => Response.json({ keys: Array(17).fill(key.jwk) }),
  "too many bytes": () => Response.json({ keys: [key.jwk], more: "x".repeat(65_536) }),
  "a body that breaks off": () =>
    new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) })),
  "no response at all": () => undefined,
};

for (const [what, answer] of Object.entries(GARBAGE)) {
  test(`${what} instead of keys: nothing is verified by it, and the keys at hand stay`, async (t) => {
    const forward = clock(t);
    const bad = publisher(answer);
    assert.equal(await verify(key, bad.fetch), "webhook_keys_unavailable");
    assert.equal(await verify(key, bad.fetch), "webhook_keys_unavailable");
    assert.equal(bad.asked.length, 1, "fal is not hammered");
    let good = true;
    const turned = publisher(() => (good ? Response.json({ keys: [key.jwk] }) : answer()));
    assert.equal(await verify(key, turned.fetch), "OK");
    good = false;
    forward(2 * HOUR);
    assert.equal(await verify(key, turned.fetch), "OK");
    assert.equal(turned.asked.length, 2);
  });
}

test("among garbage a good key is found", async () => {
  const { fetch } = publisher(() =>
    Response.json({ keys: [null, { kty: "RSA", n: "…", e: "AQAB" }, { ...key.jwk, x: "?" }, key.jwk] }),
  );
  assert.equal(await verify(key, fetch), "OK");
});

test("an answer that does not come is given up, also by a fetch that cannot be stopped", async (t) => {
  const stopped = stopClock(t);
  let came = 0;
  const silent = publisher(() => new Promise(() => (came += 1)));
  const both = Promise.all([verify(key, silent.fetch), verify(key, silent.fetch)]);
  await stopped.armed(5_000);
  stopped.pass(5_000);
  let answers = /** @type {string[]} */ ([]);
  void both.then((codes) => (answers = codes));
  await until(() => {
    // The one that did not ask looks again and again whether there is an answer.
    stopped.ring(20);
    return answers.length > 0;
  });
  const [first, second] = answers;
  assert.deepEqual([first, second, came], ["webhook_keys_unavailable", "webhook_keys_unavailable", 1]);
});

test("a runtime without Ed25519 says so", async () => {
  const { fetch } = publish(key);
  const { subtle } = crypto;
  mock.method(subtle, "importKey", async () => {
    throw new DOMException("Unrecognized algorithm name", "NotSupportedError");
  });
  const error = await failureOf(verifyWebhook(await signed(key), { fetch }));
  mock.restoreAll();
  assert.deepEqual([error.code, error.status], ["webhook_unsupported", 500]);
});
