/**
 * A stream of 100,000 events in a loop (`for await`), from bytes to parsed JSON. The official iterator takes one event each 16 ms, however
 * many there are, so it gets few of them and its rate is the same. `eventsource-parser` is measured twice: bare, as a loop of one's own
 * around `feed`, and as the `TransformStream` that it ships, which like ours is something to loop over.
 */

import { createParser } from "eventsource-parser";
import { EventSourceParserStream } from "eventsource-parser/stream";

import { startUpstream } from "../tests/lib/upstream.mjs";
import { clientsWith } from "./lib/clients.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate, msOf } from "./lib/stats.mjs";

const ENDPOINT = "fal-ai/any-llm";
const CHUNK = 16 * 1024;

/** So many events, in pieces as a socket would bring them, or each in one of its own. @param {number} count @param {boolean} [single] */
function piecesOf(count, single = false) {
  const event = (/** @type {number} */ n) =>
    `data: ${JSON.stringify({ output: `word ${n} of a text that grows`, partial: true, reasoning: null, n })}\n\n`;
  const events = Array.from({ length: count }, (_, n) => event(n));
  if (single) return events.map((text) => Buffer.from(text));
  const all = Buffer.from(events.join(""));
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, n) => all.subarray(n * CHUNK, (n + 1) * CHUNK));
}

/** @param {Uint8Array[]} pieces */
function bodyOf(pieces) {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const piece = pieces[next];
      next += 1;
      // A copy, as whoever receives bytes has them to itself.
      if (piece) controller.enqueue(new Uint8Array(piece));
      else controller.close();
    },
  });
}

/** @param {AsyncIterable<any>} items */
async function counted(items) {
  let count = 0;
  for await (const _ of items) count += 1;
  return count;
}

/** Bare: the bytes decoded and fed, each event parsed and handed to a function. @param {ReadableStream<Uint8Array>} body */
async function fed(body) {
  let count = 0;
  const take = (/** @type {any} */ _item) => (count += 1);
  const parser = createParser({ onEvent: ({ data }) => take(JSON.parse(data)) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read())
    parser.feed(decoder.decode(part.value, { stream: true }));
  return count;
}

/** @param {ReadableStream<Uint8Array>} body */
async function piped(body) {
  let count = 0;
  const take = (/** @type {any} */ _item) => (count += 1);
  const events = body
    .pipeThrough(/** @type {any} */ (new TextDecoderStream()))
    .pipeThrough(new EventSourceParserStream());
  for await (const { data } of /** @type {any} */ (events)) take(JSON.parse(data));
  return count;
}

/** @param {{ quick: boolean }} options */
export async function bench({ quick }) {
  const [count, few] = quick ? [2_000, 5] : [100_000, 150];
  /** @type {Uint8Array[]} */
  let pieces = [];
  const headers = { "content-type": "text/event-stream" };
  const fetch = async () => new Response(bodyOf(pieces), { headers });
  const { ours, theirs } = clientsWith(fetch);
  const many = piecesOf(count);
  const fewer = piecesOf(count / 10);
  const singles = piecesOf(count / 10, true);

  /** Events a second. @param {Uint8Array[]} from @param {number} expected @param {() => Promise<number>} work */
  const rate = (from, expected, work) => async () => {
    pieces = from;
    const began = performance.now();
    const got = await work();
    const seconds = (performance.now() - began) / 1_000;
    if (got !== expected) throw new Error(`${got} events came, not ${expected}.`);
    return got / seconds;
  };
  const loop = (/** @type {any} */ client) => async () => counted(await client.stream(ENDPOINT, { input: {} }));
  const listen = (/** @type {any} */ client) => async () => {
    let got = 0;
    const stream = await client.stream(ENDPOINT, { input: {} });
    stream.on("data", () => (got += 1));
    await stream.done();
    return got;
  };
  const rounds = quick ? 1 : 15;
  const own = rate(many, count, loop(ours));
  const iterated = await alternate(
    { ours: own, theirs: rate(piecesOf(few), few, loop(theirs)) },
    { rounds: quick ? 1 : 5, warm: quick ? 0 : 1 },
  );
  const parsed = await alternate(
    {
      ours: own,
      fed: rate(many, count, () => fed(bodyOf(many))),
      piped: rate(many, count, () => piped(bodyOf(many))),
    },
    { rounds, warm: quick ? 0 : 2 },
  );
  const heard = await alternate(
    {
      ours: rate(fewer, count / 10, listen(ours)),
      theirs: rate(fewer, count / 10, listen(theirs)),
    },
    { rounds: quick ? 1 : 5 },
  );
  const single = await alternate(
    {
      ours: rate(singles, count / 10, loop(ours)),
      theirs: rate(singles, count / 10, () => fed(bodyOf(singles))),
    },
    { rounds, warm: quick ? 0 : 2 },
  );
  return [
    rowOf("4. SSE, loop, to the official loop", "events/s", iterated, { least: 100 }),
    rowOf(
      "4. SSE, loop, to eventsource-parser bare",
      "events/s",
      { ours: parsed.ours, theirs: parsed.fed },
      { least: 1 },
    ),
    rowOf(
      "4. SSE, loop, to its TransformStream",
      "events/s",
      { ours: parsed.ours, theirs: parsed.piped },
      { least: 1 },
    ),
    rowOf('4. SSE, on("data"), to the official one', "events/s", heard),
    rowOf("4. SSE, loop, an event a chunk, to bare", "events/s", single),
    await firstEvent(quick),
  ];
}

/**
 * From the call to the first event in the loop, over a socket. The server writes it at once and then says no more.
 *
 * @param {boolean} quick
 */
async function firstEvent(quick) {
  const upstream = await startUpstream((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write('data: {"output":"a","partial":true}\n\n');
  });
  try {
    const go = (/** @type {any} */ _url, /** @type {any} */ init) => fetch(upstream.url, init);
    const { ours, theirs } = clientsWith(go);
    const first = (/** @type {any} */ client) => () =>
      msOf(async () => {
        const stream = await client.stream(ENDPOINT, { input: { prompt: "Hi" } });
        await stream[Symbol.asyncIterator]().next();
        stream.abort();
      });
    const floor = () =>
      msOf(async () => {
        const response = await go("", { method: "POST", body: "{}" });
        const reader = response.body?.getReader();
        JSON.parse(new TextDecoder().decode((await reader?.read())?.value).slice(6));
        reader?.cancel();
      });
    const sides = { ours: first(ours), theirs: first(theirs), floor };
    const samples = await alternate(sides, { rounds: quick ? 1 : 60, warm: quick ? 0 : 3 });
    return rowOf("4. SSE, time to the first event", "ms", samples, { most: 1 });
  } finally {
    upstream.stop();
  }
}
