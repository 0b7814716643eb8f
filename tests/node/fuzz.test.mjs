/**
 * What must hold for any bytes and any body, in what is JavaScript. A few seconds each; for longer:
 * `FUZZ_SECONDS=600 node --test tests/node/fuzz.test.mjs`.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import fc from "fast-check";

import { FalError } from "../../target/modules/edge/errors/errors.js";
import { failure } from "../../target/modules/edge/host/server/host.js";
import { ExtData, decode, encode } from "../../target/modules/edge/realtime/msgpack.js";

const seconds = Number(process.env.FUZZ_SECONDS ?? 3);

/** Looks for a counterexample for that long. @template T @param {fc.Arbitrary<T>} arbitrary @param {(value: T) => void} holds */
const fuzz = (arbitrary, holds) =>
  fc.assert(fc.property(arbitrary, holds), { numRuns: 1e9, interruptAfterTimeLimit: seconds * 1000 });

/** Whatever is a message. Zero has no sign there, as in fal's own client, and an object no `__proto__` of its own. */
const { message } = fc.letrec((tie) => ({
  message: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 300 }),
    fc.double().map((number) => number + 0),
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.date({ noInvalidDate: true }),
    fc
      .tuple(fc.integer({ min: 0, max: 127 }), fc.uint8Array({ maxLength: 40 }))
      .map(([type, data]) => new ExtData(type, data)),
    fc.array(tie("message"), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 40 }).filter((key) => key !== "__proto__"),
      tie("message"),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
}));

/** A value, or why there is none: that the message is no message, and nothing else. @param {Uint8Array} bytes */
function decoded(bytes) {
  try {
    return { value: decode(bytes) };
  } catch (error) {
    assert.ok(error instanceof RangeError || error instanceof TypeError, String(error));
    assert.match(error.message, /^The message /);
    return undefined;
  }
}

test("a message is read as it was written", () => {
  fuzz(message, (value) => {
    assert.deepEqual(decode(encode(value)), value);
  });
});

test("any bytes are a message or an error, soon; and what was read can be written", () => {
  const broken = fc.tuple(message, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
    const bytes = encode(value);
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  fuzz(fc.oneof(fc.uint8Array({ maxLength: 200 }), broken), (bytes) => {
    // Time of the processor, not of the clock: the machine may have other things to do just then.
    const began = process.cpuUsage();
    const outcome = decoded(bytes);
    const { user, system } = process.cpuUsage(began);
    assert.ok(user + system < 1_000_000, `${user + system} µs`);
    assert.equal(Object.keys(Object.prototype).length, 0);
    if (!outcome || inspect(outcome.value, { depth: Infinity }).includes("Invalid Date")) return;
    const written = encode(outcome.value);
    assert.deepEqual(encode(decode(written)), written);
  });
});

const PROMPT = "a prompt that is nobody's business";

/** Any body; whatever it calls an input is the caller's. */
const body = fc
  .oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.record(
      {
        detail: fc.oneof(
          fc.string(),
          fc.jsonValue(),
          fc.array(
            fc.record(
              {
                loc: fc.jsonValue(),
                msg: fc.jsonValue(),
                type: fc.oneof(fc.string(), fc.jsonValue()),
                input: fc.jsonValue(),
                ctx: fc.jsonValue(),
              },
              { requiredKeys: [] },
            ),
          ),
        ),
        error: fc.oneof(
          fc.string(),
          fc.record({ code: fc.jsonValue(), message: fc.jsonValue(), type: fc.jsonValue() }, { requiredKeys: [] }),
        ),
        error_type: fc.jsonValue(),
        message: fc.jsonValue(),
        type: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  )
  .map((value) => JSON.parse(JSON.stringify(value), (name, part) => (name === "input" ? PROMPT : part)));

test("whatever fal answers becomes an error that can be read, and does not say the input", () => {
  const facts = fc.record(
    {
      status: fc.oneof(fc.constantFrom(400, 401, 403, 404, 422, 429, 500, 503, 504), fc.integer({ min: 0, max: 5000 })),
      body,
      errorType: fc.string(),
      requestId: fc.uuid(),
      retryAfterMs: fc.double({ min: 0, noNaN: true }),
      timeoutType: fc.constantFrom("user", "system"),
      endpoint: fc.constant("fal-ai/flux/dev"),
    },
    { requiredKeys: ["status", "body"] },
  );
  fuzz(fc.tuple(fc.constantFrom(12, 17, 20), facts), ([kind, known]) => {
    const error = failure(kind, known);
    assert.ok(error instanceof FalError);
    assert.ok(typeof error.code === "string" && error.code !== "");
    assert.ok(typeof error.message === "string" && error.message.length > 0);
    assert.equal(typeof error.retryable, "boolean");
    for (const said of [error.message, String(error), JSON.stringify(error), inspect(error, { depth: Infinity })])
      assert.ok(!said.includes(PROMPT), said);
    const { fieldErrors = [] } = /** @type {any} */ (error);
    for (const { input } of fieldErrors) assert.ok(input === undefined || input === PROMPT, "it is there by name");
    /** @type {any} */ (error).getFieldErrors?.("prompt");
  });
});
