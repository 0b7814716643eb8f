/** Event streams, as npm's `eventsource-parser` reads them and as a caller of `fal.stream` gets them. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { createParser } from "eventsource-parser";
import fc from "fast-check";

import { createFalClient } from "fal-wasm";

import { path } from "../../scripts/lib/run.mjs";
import { KEY } from "../lib/keys.mjs";

/** `SEED=n` generates the documents of an earlier run; one that fails prints its seed. */
const seed = process.env.SEED ? Number(process.env.SEED) : undefined;

/** What is sent next. @type {Uint8Array[]} */
let pieces = [];
const fal = createFalClient({
  env: { FAL_KEY: KEY },
  fetch: async () => {
    const body = new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  },
});

/** How a stream went for its caller. @typedef {{ items: any[], ending: string }} Course */

/** @param {Uint8Array[]} split @returns {Promise<Course>} */
async function streamed(split) {
  pieces = split;
  const items = [];
  try {
    for await (const item of await fal.stream("fal-ai/any-llm")) items.push(item);
    return { items, ending: "in order" };
  } catch (/** @type {any} */ error) {
    const [, said] = / then failed: (.*) Trying again runs/s.exec(error.message) ?? [];
    return { items, ending: said ? `${error.code}: ${said}` : error.code };
  }
}

/**
 * What the other parser makes of the same bytes, and what is fal's and not the standard's: items are JSON, `[DONE]` is
 * the end, and an event of the kind `error` is one.
 *
 * @param {Uint8Array} document @returns {Course}
 */
function expected(document) {
  /** @type {{ event?: string, data: string }[]} */
  const events = [];
  // One of the two may take the byte order mark away, not both.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(document);
  createParser({ onEvent: (event) => events.push(event) }).feed(text);
  const items = [];
  for (const { event, data } of events) {
    if (data === "[DONE]") return { items, ending: "in order" };
    const parsed = data === "" && event !== "error" ? { value: "" } : json(data);
    if (event === "error") {
      const said = parsed?.value?.detail;
      if (!said || typeof said !== "string") return { items, ending: "stream_failed" };
      return { items, ending: `stream_failed: ${said.replace(/[^.!?]$/, "$&.")}` };
    }
    if (!parsed) return { items, ending: "invalid_answer" };
    items.push(parsed.value);
  }
  return { items, ending: breaksOff(text) ? "connection_lost" : "in order" };
}

/** Whether a text ends inside of an event. `[DONE]` says that it is the end, also where nothing follows. @param {string} text */
function breaksOff(text) {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  const rest = lines.slice(lines.lastIndexOf("", lines.length - 2) + 1);
  const [unfinished, ...others] = [rest.pop(), ...rest];
  const all = unfinished ? [...others, unfinished] : others;
  const valuesOf = (/** @type {string} */ field) =>
    all.filter((line) => line.split(":", 1)[0] === field).map((line) => line.slice(field.length).replace(/^: ?/, ""));
  const data = valuesOf("data");
  if (data.join("\n").trim() === "[DONE]") return false;
  return Boolean(unfinished || data.length > 0 || valuesOf("event").at(-1));
}

/** @param {string} text */
function json(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** A document cut at these places. @param {Uint8Array} document @param {number[]} cuts */
const cutAt = (document, cuts) =>
  [0, ...cuts].map((start, index) => document.subarray(start, cuts[index] ?? document.length));

/** Every way to cut a document once, and each byte alone. @param {Uint8Array} document */
function* splits(document) {
  yield [document];
  yield [...document].map((byte) => Uint8Array.of(byte));
  for (let at = 0; at <= document.length; at += 1) yield cutAt(document, [at]);
}

/** Every way to cut a document. @param {Uint8Array} document */
function* allSplits(document) {
  const places = Array.from({ length: document.length - 1 }, (_, index) => index + 1);
  for (let choice = 0; choice < 2 ** places.length; choice += 1) {
    yield cutAt(
      document,
      places.filter((_, index) => choice & (1 << index)),
    );
  }
}

const ENCODER = new TextEncoder();
const utf8 = (/** @type {string} */ text) => ENCODER.encode(text);

const end = fc.constantFrom("\n", "\r", "\r\n");
const word = fc.string({ unit: fc.constantFrom("a", "é", "😀", " ", ":", "\0", "\uFEFF", "\u2028"), maxLength: 4 });
const colon = fc.constantFrom(":", ": ", ":\t");

/** An event with JSON in it, on as many lines as it has when it is printed. */
const item = fc
  .tuple(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(0, 1), end, fc.constantFrom(":", ": "))
  .map(([value, indent, end, colon]) =>
    [...JSON.stringify(value, null, indent).split("\n"), ""]
      .map((line) => (line ? `data${colon}${line}` : ""))
      .join(end),
  )
  .chain((lines) => end.map((end) => lines + end));

/** Fields that change no item: comments, ids, retries, kinds, what the standard does not know. */
const aside = fc
  .tuple(fc.constantFrom("", "id", "retry", "event", "Data", "dat", "data ", "x"), fc.option(colon), word, end)
  .map(([name, colon, value, end]) => name + (colon === null ? (name ? "" : ":") : colon + value) + end);

/** Bytes that are no UTF-8, in a JSON string. */
const torn = fc
  .uint8Array({ min: 0x80, maxLength: 4 })
  .map((bytes) => Buffer.concat([utf8('data: "'), bytes, utf8('"\n\n')]));

/** What ends a stream, and what nobody could foresee. */
const last = fc.oneof(
  fc.constantFrom(
    "data: [DONE]\n\n",
    "data:[DONE]\r\r",
    "data\n\n",
    "data\ndata: 1\n\n",
    "data: 1",
    "data: 1\n",
    "data: \uFEFF1\n\n",
  ),
  fc
    .tuple(fc.constantFrom("", " "), fc.oneof(word, fc.integer()))
    .map(([space, detail]) => `event:${space}error\ndata:${space}${JSON.stringify({ detail })}\n\n`),
  word.map((data) => `event: error\ndata: ${data}\n\n`),
  word.map((data) => `data: ${data}\n\n`),
  fc.tuple(colon, word, end, end).map(([colon, value, ...ends]) => `data${colon}${value}${ends.join("")}`),
);

const text = (/** @type {fc.Arbitrary<string>} */ arbitrary) => arbitrary.map(utf8);
const document = fc
  .tuple(
    fc.constantFrom("", "", "\uFEFF", "\uFEFF\uFEFF"),
    fc.array(fc.oneof({ weight: 5, arbitrary: text(item) }, { weight: 3, arbitrary: text(aside) }, text(end), torn), {
      maxLength: 6,
    }),
    fc.array(text(last), { maxLength: 2 }),
  )
  .map(([mark, body, ending]) => new Uint8Array(Buffer.concat([utf8(mark), ...body, ...ending])));

test("a stream is read as the standard says, wherever the network cuts it", async () => {
  const met = new Map();
  const property = fc.asyncProperty(document, async (document) => {
    const course = expected(document);
    for (const split of splits(document)) assert.deepEqual(await streamed(split), course);
    const kind = course.items.length > 1 ? `${course.ending}, with items` : course.ending;
    met.set(kind, (met.get(kind) ?? 0) + 1);
  });
  const reporter = (/** @type {fc.RunDetails<[Uint8Array]>} */ details) => {
    if (!details.failed) return;
    const [bytes] = details.counterexample ?? [];
    assert.fail(
      `SEED=${details.seed}: ${JSON.stringify(Buffer.from(bytes ?? []).toString("latin1"))}\n${details.errorInstance}`,
    );
  };
  await fc.assert(property, { numRuns: 250, seed, reporter });
  for (const kind of [
    "in order",
    "in order, with items",
    "stream_failed",
    "stream_failed, with items",
    "invalid_answer",
  ])
    assert.ok(met.get(kind) > 3, `${kind}: ${JSON.stringify([...met])}`);
});

test("a short stream is read the same way in all ways of cutting it there are", async () => {
  for (const text of [
    "data:1\r\n\r\n",
    "\uFEFFdata:1\n\n",
    "data\rdata:2\r\r",
    'data:"é"\n\n',
    "data:\r\ndata:0\n\n",
  ]) {
    const document = utf8(text);
    const course = expected(document);
    assert.equal(course.items.length, 1, JSON.stringify(text));
    for (const split of allSplits(document)) assert.deepEqual(await streamed(split), course);
  }
});

test("objects that come many at once are read as each by itself", async () => {
  const event = (/** @type {string} */ data) => `data: ${data}\n\n`;
  const some = ['{"n":1}', '{"n":"é😀"}', '{"n":{}}', "{}"];
  for (const text of [
    ...some.map((data) => event(data).repeat(4)),
    ...some.map((data) => `\uFEFF${event(data).repeat(4)}`.replaceAll("\n", "\r\n")),
    // A byte order mark is one at the start only, also where a piece begins with it.
    'data: {"n":"\uFEFF"}\n\n'.repeat(4),
    // Together they would be as many values as there are events, or other ones: by itself, one of them is no JSON.
    ['{"n":1}', '{"n":[{"n":2}', '{"n":3}]}', '{"n":4},{"n":5}', '{"n":6}'].map(event).join(""),
    ['{"n":1}', '{"n":{"n":2}', '"n":3}', '{"n":4},{"n":5}', '{"n":6}'].map(event).join(""),
    ['{"n":1}', '{"n":{"n":2}', '{"n":3}}', '{"n":4},{"n":5}', '{"n":6}'].map(event).join(""),
    ['{"n":1}', '{"n":"}', '{"}', '{"n":4},{"n":5}', '{"n":6}'].map(event).join(""),
    ['{"n":1}', '{"n":2},3', '{"n":4}', '{"n":6}'].map(event).join(""),
    ['{"n":1}', '{"n":\n2}', '{"n":3}', '{"n":4}'].map(event).join(""),
    // What is not data is none, also between them.
    ['{"n":1}', '{"n":2}\nid: 1', '{"n":3}\n: ping', '{"n":4}\nevent: error', '{"n":5}'].map(event).join(""),
    ['{"n":1}', '{"n":2}', "[DONE]", '{"n":3}', '{"n":4}'].map(event).join(""),
    ['{"n":1}', '{"n":2}\n', '{"n":3}', '{"n":4'].map(event).join(""),
    "data\n\ndata: {\n\ndata: {\n\ndata: {\n\n",
  ]) {
    const document = utf8(text);
    const course = expected(document);
    for (const split of splits(document)) assert.deepEqual(await streamed(split), course, JSON.stringify(text));
  }
});

test("what the fuzzer of the parser in Rust found is read the same way here", async () => {
  const folder = path("fuzz/corpus/sse");
  for (const name of readdirSync(folder)) {
    const document = new Uint8Array(readFileSync(`${folder}/${name}`));
    const course = expected(document);
    const middle = document.length >> 1;
    for (const split of [[document], [...document].map((byte) => Uint8Array.of(byte)), cutAt(document, [middle])])
      assert.deepEqual(await streamed(split), course, name);
  }
});

test("an event is as large as a picture, not as large as the memory, and reading it takes no longer for that", async () => {
  const piece = utf8("x".repeat(65_536));
  const event = (/** @type {number} */ pieces) => [
    utf8('data: "'),
    ...Array(pieces).fill(piece),
    utf8('"\n\ndata: 1\n\n'),
  ];
  const { items, ending } = await streamed(event(500));
  assert.deepEqual([items[0].length, items[1], ending], [500 * 65_536, 1, "in order"]);
  assert.deepEqual(await streamed(event(513)), { items: [], ending: "invalid_answer" });
  // Also one that has many lines, and a line that means nothing.
  const lines = utf8(`data: ${"x".repeat(121)}\n`.repeat(512));
  assert.deepEqual(await streamed(Array(600).fill(lines)), { items: [], ending: "invalid_answer" });
  assert.deepEqual(await streamed([utf8(":"), ...event(513).slice(1)]), { items: [], ending: "invalid_answer" });
  const pings = utf8(": ping\n".repeat(9_362));
  assert.deepEqual(await streamed([...Array(600).fill(pings), utf8("\ndata: 1\n\n")]), {
    items: [1],
    ending: "in order",
  });
});
