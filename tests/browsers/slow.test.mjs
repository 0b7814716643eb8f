/** A loop that is slower than the model, in every browser: nothing is lost, and leaving it stops the model. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";

import { UserError, path } from "../../scripts/lib/run.mjs";
import { browsers } from "../lib/browsers/index.mjs";
import { until } from "../lib/expect.mjs";
import { startUpstream } from "../lib/upstream.mjs";

const EVENTS = 16_000;
/** About a kilobyte. @param {number} number */
const event = (number) => `data: {"number":${number},"text":"${"x".repeat(1_000)}"}\n\n`;

const PAGE = `<!doctype html><link rel="icon" href="data:,">`;
let sent = 0;

/** The page, the client, and models that say as much as they are let: one 16 MB, one without an end. */
const server = await startUpstream(async (request, response) => {
  const { url = "" } = request;
  const isModel = request.method === "POST";
  const type = isModel ? "text/event-stream" : url === "/" ? "text/html" : "text/javascript";
  // Chromium, too, would read on for what it may keep.
  response.writeHead(200, { "content-type": type, "cache-control": "no-store" });
  if (url === "/") return response.end(PAGE);
  if (!isModel) return response.end(readFileSync(path("dist/browser", url)));
  request.resume();
  const gone = once(response, "close");
  for (sent = 0; (url === "/endless" || sent < EVENTS) && !response.destroyed; sent += 1) {
    if (!response.write(event(sent))) await Promise.race([once(response, "drain"), gone]);
  }
  response.end();
});
after(() => server.stop());

/**
 * Nothing more is sent for so many milliseconds: all of it was, or nobody takes it. On a slow machine this may be too early, which
 * can only hide that more is taken.
 */
function settled(every = 300) {
  let before = -1;
  const nothingMoreIsTaken = () => {
    const same = sent === before;
    before = sent;
    return same;
  };
  return until(nothingMoreIsTaken, { every });
}

/** Opens a stream, and takes the first item of it. @param {string} proxyUrl */
async function begin(proxyUrl) {
  const { createFalClient } = await import(/** @type {any} */ ("/index.js"));
  const stream = await createFalClient({ proxyUrl }).stream("fal-ai/any-llm", { input: {} });
  const loop = stream[Symbol.asyncIterator]();
  Object.assign(globalThis, { loop });
  return (await loop.next()).value.number;
}

/** Takes the rest. */
async function goOn() {
  const { loop } = /** @type {any} */ (globalThis);
  const numbers = [0];
  for await (const { number } of { [Symbol.asyncIterator]: () => loop }) numbers.push(number);
  return [numbers.length, numbers.every((number, index) => number === index)];
}

for (const [name, open] of Object.entries(browsers)) {
  test(name, async (t) => {
    const browser = await open().catch((error) => {
      if (error instanceof UserError) return t.skip(error.message);
      throw error;
    });
    if (!browser) return;
    t.after(browser.close);
    await browser.goto(server.url);

    assert.equal(await browser.call(begin, "/some"), 0);
    await settled();
    assert.deepEqual(await browser.call(goOn), [EVENTS, true]);

    await browser.call(begin, "/endless");
    // The other two read on by themselves, whoever takes it. How many megabytes the sockets hold is the kernel's affair.
    if (name === "Chromium") await settled(1_000);
    await browser.call(() => /** @type {any} */ (globalThis).loop.return());
    await until(() => server.calls.at(-1)?.left === true);
  });
}
