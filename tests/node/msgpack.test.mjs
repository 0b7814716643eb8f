/** MessagePack, held against an independent suite and against the codec that `@fal-ai/client` uses. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { decode as decodeTheirs, encode as encodeTheirs } from "@msgpack/msgpack";

import { ExtData, decode, encode } from "../../target/modules/edge/realtime/msgpack.js";

/** @type {Record<string, any[]>} */
const suite = createRequire(import.meta.url)("msgpack-test-suite");

/** @param {string} text */
const bytes = (text) => Uint8Array.from(text === "" ? [] : text.split("-"), (byte) => parseInt(byte, 16));
/** @param {Uint8Array} data */
const hex = (data) => Buffer.from(data).toString("hex");

/** What a case of the suite is as a value of JavaScript, by the kinds it has. @type {Record<string, (value: any) => unknown>} */
const KINDS = {
  nil: () => null,
  bool: (value) => value,
  binary: bytes,
  number: (value) => value,
  bignum: Number,
  string: (value) => value,
  array: (value) => value,
  map: (value) => value,
  timestamp: ([seconds, nanos]) => new Date(seconds * 1000 + nanos / 1e6),
  ext: ([type, data]) => new ExtData(type, bytes(data)),
};

/**
 * Cases whose value a number or a `Date` cannot hold, as with the defaults of `@msgpack/msgpack`: they are read to the
 * nearest one, and written as that.
 */
const beyond = (/** @type {any} */ { bignum, timestamp }) =>
  (bignum !== undefined && !Number.isSafeInteger(Number(bignum))) || (timestamp && timestamp[1] % 1e6 !== 0);

for (const [group, cases] of Object.entries(suite)) {
  test(`whatever a server may write is understood: ${group}`, () => {
    for (const sample of cases) {
      const kind = Object.keys(KINDS).find((name) => name in sample);
      assert.ok(kind, JSON.stringify(sample));
      const value = KINDS[kind](sample[kind]);
      for (const encoding of sample.msgpack) assert.deepEqual(decode(bytes(encoding)), value, encoding);
      const written = encode(value);
      assert.deepEqual(decode(written), value);
      if (!beyond(sample)) assert.ok(sample.msgpack.map(bytes).map(hex).includes(hex(written)), hex(written));
    }
  });
}

/** A number of fixed sequence, so that a failure repeats. */
let state = 0x2545f491;
const random = (/** @type {number} */ below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const pick = (/** @type {any[]} */ list) => list[random(list.length)];
const INTEGERS = [
  0,
  1,
  31,
  32,
  127,
  128,
  255,
  256,
  32767,
  32768,
  65535,
  65536,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
];
const LENGTHS = [0, 1, 15, 16, 31, 32, 255, 256, 300, 65535, 65536];

/** @param {number} depth @returns {any} */
function anything(depth) {
  const kinds = depth > 3 ? 9 : 11;
  switch (random(kinds)) {
    case 0:
      return pick([null, true, false, undefined, -0, NaN, Infinity, -Infinity, 2 ** 60, -(2 ** 60)]);
    case 1:
    case 2:
      return pick([1, -1]) * (pick(INTEGERS) + pick([-1, 0, 1]));
    case 3:
      return (random(2 ** 32) - 2 ** 31) / pick([1, 3, 1e9, 1e-300]);
    case 4:
      return pick(["a", "é", "漢", "🍺", "\ufeff"]).repeat(pick(LENGTHS) % 400);
    case 5:
      return new Uint8Array(pick(LENGTHS)).fill(random(256));
    case 6:
      return new Date(pick([0, 1, 1e3, 1.7e12, 2 ** 32 * 1000, 2 ** 34 * 1000, -1, -1e12]) + random(3));
    case 7:
      return pick([new Float32Array([1, 2.5]), new DataView(new ArrayBuffer(3)), new Uint16Array(2)]);
    case 8:
      return Array(pick(LENGTHS) % 400).fill(random(300) - 150);
    case 9:
      return Array.from({ length: random(20) }, () => anything(depth + 1));
    default:
      return Object.fromEntries(Array.from({ length: random(20) }, (_, key) => [`k${key}`, anything(depth + 1)]));
  }
}

test("a program that changes its client sends the same bytes and reads the same values", () => {
  for (let round = 0; round < 3000; round++) {
    const value = anything(0);
    const [ours, theirs] = [encode(value), encodeTheirs(value)];
    assert.equal(hex(ours), hex(theirs));
    // A byte order mark at the head of a long text is lost on the other side.
    if (!hex(ours).includes("efbbbf")) assert.deepEqual(decode(theirs), decodeTheirs(ours));
  }
});

test("binary is binary, also as an ArrayBuffer, and a view is only what it shows", () => {
  assert.equal(hex(encode(Uint8Array.of(1, 2).buffer)), "c4020102");
  assert.equal(hex(encode(new Uint8Array([9, 1, 2, 9]).subarray(1, 3))), "c4020102");
  const inside = new Uint8Array([0xff, 0xc4, 1, 7, 0xff]).subarray(1, 4);
  assert.deepEqual(decode(inside), Uint8Array.of(7));
  assert.deepEqual(decode(inside.slice().buffer), Uint8Array.of(7));
});

test("what cannot be a message is refused before it is sent", () => {
  /** @type {any} */
  const circle = {};
  circle.self = circle;
  for (const value of [circle, 1n, () => {}, Symbol("s"), { a: [1n] }, new Date(NaN)])
    assert.throws(() => encode(value));
});

test("a broken message is an error, never a hang and never half a value", () => {
  const whole = encode({ a: [1, 2.5, "text", new Uint8Array(300), new Date(5), { b: 2 ** 40 }], c: "x".repeat(300) });
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decode(whole.subarray(0, length)), RangeError, String(length));
  }
  assert.throws(() => decode(Uint8Array.of(...whole, 0)), RangeError);
  const bad = [
    "c1",
    "dd-ff-ff-ff-ff-c0",
    "df-ff-ff-ff-ff",
    "c6-ff-ff-ff-ff-00",
    "db-7f-ff-ff-ff",
    "c7-05-ff-0-0-0-0-0",
  ];
  for (const text of [...bad, "81-c0-01", "81-90-01", "81-a9-5f-5f-70-72-6f-74-6f-5f-5f-80"]) {
    assert.throws(() => decode(bytes(text)), text);
  }
  assert.throws(() => decode(new Uint8Array(100_000).fill(0x91)), /nests/);
  assert.throws(() => decode(new Uint8Array(100_000).fill(0x81)), Error);
  for (let round = 0; round < 20_000; round++) {
    const noise = Uint8Array.from({ length: random(40) }, () => random(256));
    try {
      decode(noise);
    } catch (error) {
      assert.ok(error instanceof RangeError || error instanceof TypeError, String(error));
    }
  }
});
