/** What flows through the proxy in the real workerd: every byte, in memory that does not grow with how many there are. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { NEWEST_DATE, startWorker } from "../../scripts/lib/worker.mjs";
import { KEY } from "../lib/keys.mjs";
import { startUpstream, writeBytes } from "../lib/upstream.mjs";

const DATES = ["2021-11-03", "2024-09-23", "2025-09-01", NEWEST_DATE];
const MIB = 1024 * 1024;
const ENTRY = path("tests/workerd/proxy-worker.js");
const setup = { bindings: { FAL_KEY: KEY }, objects: { LIMITS: "FalLimits" } };

// V8 lets garbage grow to tens of megabytes before it looks. With little room for it, what is seen is what is held.
// A heap that may not be larger is collected in time; an isolate that holds more dies, as it does where it has 128 MB.
process.env.MINIFLARE_WORKERD_V8_FLAGS = "--max-semi-space-size=1 --max-old-space-size=24";

/**
 * Calls the proxy, with a body of that length or one that does not say how long it is.
 *
 * @param {string} url @param {number} [length]
 * @returns {{ call: import("node:http").ClientRequest, answer: Promise<import("node:http").IncomingMessage> }}
 */
function visit(url, length) {
  const target = { "x-fal-target-url": "https://fal.run/emulator/echo", "x-visitor": "ann" };
  const headers = { "content-type": "application/json", ...target, ...(length && { "content-length": length }) };
  const call = httpRequest(url, { method: "POST", headers, agent: false });
  return { call, answer: new Promise((done, failed) => call.on("response", done).on("error", failed)) };
}

/** Bytes that are nowhere the same, in pieces of unlike lengths; what has been taken of them goes into the digest. @param {number} size @param {import("node:crypto").Hash} digest */
function* unlike(size, digest) {
  for (let sent = 0, turn = 1; sent < size; turn += 1) {
    const piece = Buffer.alloc(Math.min(size - sent, (turn * 7919) % 150_001));
    for (let at = 0; at + 4 <= piece.length; at += 4) piece.writeUInt32LE(((sent + at) ^ (turn << 24)) >>> 0, at);
    digest.update(piece);
    sent += piece.length;
    yield piece;
  }
}

for (const date of DATES) {
  test(`not a byte is changed on the way: ${date}`, async (t) => {
    let [asked, said] = ["", ""];
    const upstream = await startUpstream(async (request, response) => {
      const received = createHash("sha256");
      for await (const chunk of request) received.update(chunk);
      asked = received.digest("hex");
      const sent = createHash("sha256");
      await pipeline(unlike(20 * MIB + 1, sent), response.writeHead(200));
      said = sent.digest("hex");
    });
    t.after(() => upstream.stop());
    const worker = await startWorker(ENTRY, { ...setup, emulator: upstream.url, date });
    t.after(() => worker.stop());
    for (const proxy of ["plain", "watched"]) {
      for (const length of [undefined, 30 * MIB + 5]) {
        const sent = createHash("sha256");
        const received = createHash("sha256");
        const { call, answer } = visit(`${worker.url}/${proxy}`, length);
        await pipeline(unlike(30 * MIB + 5, sent), call);
        for await (const chunk of await answer) received.update(chunk);
        assert.equal(asked, sent.digest("hex"), `${proxy}: the body`);
        assert.equal(received.digest("hex"), said, `${proxy}: the answer`);
      }
    }
  });
}

/** The memory of the workerd processes of this one, in bytes. */
function memory() {
  const stat = (/** @type {string} */ pid, /** @type {string} */ file) => readFileSync(`/proc/${pid}/${file}`, "utf8");
  let sum = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [, parent] = /^PPid:\s+(\d+)/m.exec(stat(pid, "status")) ?? [];
      if (Number(parent) !== process.pid || !stat(pid, "comm").startsWith("workerd")) continue;
      sum += 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(stat(pid, "status"))?.[1] ?? 0);
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}

/** Looks at the memory each time so many bytes have come. @param {number} step */
function marks(step) {
  let received = 0;
  /** @type {number[]} In MiB. */
  const seen = [];
  return {
    seen,
    take(/** @type {Buffer} */ chunk) {
      received += chunk.length;
      if (received >= step * (seen.length + 1)) seen.push(Math.round(memory() / MIB));
    },
    received: () => received,
  };
}

/** By how much it grew after the first quarter of all that came. @param {number[]} seen */
const growth = (seen) => Math.max(...seen) - Math.max(...seen.slice(0, seen.length / 4));

/** So many MiB in one direction, and so many more may be in use at their end than after their first quarter. */
const [SIZE, MARGIN] = [1024, 12];

for (const proxy of ["large", "large-watched"]) {
  for (const length of [undefined, SIZE * MIB]) {
    const name = `a gigabyte in either direction, memory flat: ${proxy}${length ? ", said before" : ""}`;
    test(name, { skip: process.platform !== "linux" && "there is no /proc" }, async (t) => {
      const up = marks(64 * MIB);
      const down = marks(64 * MIB);
      const upstream = await startUpstream((request, response) => {
        request.on("data", up.take);
        const headers = { "content-type": "text/plain", ...(length && { "content-length": length }) };
        request.on("end", () => void writeBytes(response.writeHead(200, headers), SIZE * MIB));
      });
      t.after(() => upstream.stop());
      const worker = await startWorker(ENTRY, { ...setup, emulator: upstream.url });
      t.after(() => worker.stop());
      const { call, answer } = visit(`${worker.url}/${proxy}`, length);
      void writeBytes(call, SIZE * MIB);
      const response = await answer;
      assert.equal(response.statusCode, 200);
      for await (const chunk of response) down.take(chunk);
      assert.deepEqual([up.received(), down.received()], [SIZE * MIB, SIZE * MIB]);
      t.diagnostic(`MiB in use at every 64 of the body: ${up.seen.join(" ")}`);
      t.diagnostic(`and at every 64 of the answer: ${down.seen.join(" ")}`);
      assert.ok(growth(up.seen) < MARGIN, `${growth(up.seen)} MiB more`);
      assert.ok(growth(down.seen) < MARGIN, `${growth(down.seen)} MiB more`);
    });
  }
}

test(
  "bodies with rules take a bounded place, however large they are and however many come",
  {
    skip: process.platform !== "linux" && "there is no /proc",
  },
  async (t) => {
    const upstream = await startUpstream((request, response) => request.resume().on("end", () => response.end("{}")));
    t.after(() => upstream.stop());
    const worker = await startWorker(ENTRY, { ...setup, emulator: upstream.url });
    t.after(() => worker.stop());
    /** @param {Buffer} body @param {boolean} says How long it is. */
    const post = async (body, says) => {
      const { call, answer } = visit(`${worker.url}/ruled`, says ? body.length : undefined);
      // What is refused is not read to its end.
      call.on("error", () => {});
      const sent = pipeline([body], call).catch(() => {});
      const response = await answer;
      response.resume();
      await sent;
      return response.statusCode;
    };
    // As many values as fit: what is judged is larger than its text.
    const input = (/** @type {number} */ size) =>
      Buffer.from(`{"num_images":4,"list":[${"[1],".repeat((size - 40) / 4)}1.50]}`);
    const whole = input(MIB);
    assert.equal(await post(whole, true), 200);
    assert.equal(upstream.calls.at(-1)?.received, whole.length + '"safe":true,'.length, "it arrives as it was written");
    for (let turn = 0; turn < 8; turn += 1) await post(whole, true);
    const before = memory() / MIB;
    /** @type {number[]} */
    const seen = [];
    for (let turn = 0; turn < 200; turn += 1) {
      assert.equal(await post(whole, turn % 2 === 0), 200);
      seen.push(Math.round(memory() / MIB - before));
    }
    t.diagnostic(`MiB more after each of 200 bodies of 1 MiB: ${seen.join(" ")}`);
    for (const length of [31 * MIB, undefined]) {
      const { call, answer } = visit(`${worker.url}/ruled`, length);
      call.on("error", () => {});
      // It is refused by what it says, or where it becomes too large: the rest is still to come then.
      call.write(input(length ? MIB / 2 : 2 * MIB));
      assert.equal((await answer).statusCode, 413);
      call.destroy();
      seen.push(Math.round(memory() / MIB - before));
    }
    t.diagnostic(`and after 31 MiB at once: ${seen.slice(-2).join(" ")}`);
    // Garbage comes and goes: what is left after it does not grow, and there is never as much as one body used to take.
    const least = (/** @type {number[]} */ part) => Math.min(...part);
    const held = least(seen.slice(150, 200)) - least(seen.slice(100, 150));
    assert.ok(held < 12, `${held} MiB are held`);
    assert.ok(Math.max(...seen) < 64, `${Math.max(...seen)} MiB more`);
    assert.equal(upstream.calls.length, 1 + 8 + 200, "what is too large reaches nobody");
  },
);
