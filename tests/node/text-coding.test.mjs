/** UTF-8 where a place has none of its own: the same as the platform's, for whatever there may be. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { own } from "../../dist/cjs/browser/io/text-coding.js";

const RUNS = { numRuns: 2_000 };

/** Bytes that are nearly UTF-8: what begins, goes on, and ends sequences, in any order. */
const nearly = fc.array(
  fc.oneof(
    fc.constantFrom(0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0),
    fc.constantFrom(0xf1, 0xf3, 0xf4, 0xf5, 0xff, 0xfe, 0xbb, 0xbf, 0x41),
    fc.nat(255),
  ),
  { maxLength: 40 },
);

test("bytes become the text that the platform makes of them, and are refused where it refuses them", () => {
  for (const options of [{}, { ignoreBOM: true }, { fatal: true }, { fatal: true, ignoreBOM: true }]) {
    const outcome = (/** @type {any} */ Decoder, /** @type {Uint8Array} */ bytes) => {
      try {
        return new Decoder("utf-8", options).decode(bytes);
      } catch (/** @type {any} */ error) {
        return error.name;
      }
    };
    fc.assert(
      fc.property(nearly, (list) => {
        const bytes = Uint8Array.from(list);
        assert.equal(outcome(own.TextDecoder, bytes), outcome(TextDecoder, bytes));
      }),
      RUNS,
    );
  }
});

test("texts become the bytes that the platform makes of them, also without room for all", () => {
  const [mine, its] = [new own.TextEncoder(), new TextEncoder()];
  // Halves of pairs, too.
  const texts = fc.array(fc.nat(0xffff).map((unit) => String.fromCharCode(unit))).map((units) => units.join(""));
  fc.assert(
    fc.property(fc.oneof(texts, fc.string({ unit: "binary" })), fc.nat(30), (text, room) => {
      assert.deepEqual(mine.encode(text), its.encode(text));
      const [here, there] = [new Uint8Array(room), new Uint8Array(room)];
      assert.deepEqual(mine.encodeInto(text, here), its.encodeInto(text, there));
      assert.deepEqual(here, there);
    }),
    RUNS,
  );
});

test("long texts, views into buffers, and plain bytes", () => {
  const text = "日本 \u{1f30a} ".repeat(20_000);
  const bytes = new own.TextEncoder().encode(text);
  assert.equal(new own.TextDecoder().decode(bytes), text);
  assert.equal(new own.TextDecoder().decode(bytes.subarray(0, 6)), "日本");
  assert.equal(new own.TextDecoder().decode(bytes.buffer), text);
  assert.equal(new own.TextDecoder().decode(), "");
  assert.equal(new own.TextDecoder("latin1").decode(Uint8Array.of(0x41, 0xe9, 0xff)), "A\u00e9\u00ff");
});
