/** Uploads in parts: four at a time, each as often as it takes. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent, failureOf, until } from "../lib/expect.mjs";
import { MIB, bytes, flow, seenOf, sha256, storedOf } from "../lib/files.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const PART = 10 * MIB;
/** Where a bad network is bad: anywhere, at the place of the bytes, where the place is asked for. */
const places = [undefined, "v3.fal.media", "rest.fal.ai"];
const emulator = await startEmulator({ keys: ACCOUNTS });
const retry = { baseDelay: 1 };
const env = { FAL_KEY: KEY };
const fal = createFalClient({ env, retry, fetch: emulator.fetch });
const { storage } = fal;

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());
const seen = () => seenOf(emulator);
const stored = (/** @type {string} */ url) => storedOf(emulator, url);

test("95 MiB go in ten parts, four at a time, without a key, and come out the same", async () => {
  const content = bytes(95 * MIB);
  let [out, most] = [0, 0];
  const client = createFalClient({
    env,
    fetch: async (url, init) => {
      const isPart = init.method === "PUT";
      out += Number(isPart);
      most = Math.max(most, out);
      // None is done before four are under way.
      if (isPart) await until(() => most >= 4);
      return emulator.fetch(url, init).finally(() => (out -= Number(isPart)));
    },
  });
  /** @type {any[]} */
  const told = [];
  const file = new File([content], "large.bin");
  const url = await client.storage.upload(file, { onProgress: (progress) => told.push(progress) });
  assert.equal((await stored(url)).sha256, sha256(content));
  assert.equal(most, 4);
  const { requests } = await emulator.seen();
  assert.equal(requests.length, 12);
  for (const { host, authorization, path } of requests) assert.equal(authorization, host === "rest.fal.ai", path);
  assert.equal(requests.at(-1).path.split("/").at(-1), "complete");
  const loaded = told.map((progress) => progress.loaded);
  assert.ok(told.every(({ total }) => total === content.length));
  assert.ok(
    loaded.every((value, index) => value > (loaded[index - 1] ?? 0)),
    String(loaded),
  );
  assert.deepEqual([loaded.length, loaded.at(-1)], [10, content.length]);
});

test("a stream goes in parts, is read no faster than they are accepted, and comes out the same", async () => {
  const content = bytes(75 * MIB + 1);
  let given = 0;
  const stream = new ReadableStream(
    {
      pull(controller) {
        if (given >= content.length) return controller.close();
        controller.enqueue(content.subarray(given, (given += 100_003)));
      },
    },
    { highWaterMark: 0 },
  );
  const accepted = [0];
  const ahead = [0];
  const url = await storage.upload(stream, {
    size: content.length,
    onProgress: ({ loaded }) => {
      ahead.push(given - (accepted.at(-1) ?? 0));
      accepted.push(loaded);
    },
  });
  assert.equal((await stored(url)).sha256, sha256(content));
  assert.ok(Math.max(...ahead) <= 4 * PART + 100_003, String(ahead));
  assert.equal((await seen()).filter((line) => line.startsWith("PUT")).length, 8);
});

test("a part that fails twice is sent again, from a stream, too", async () => {
  const content = bytes(35 * MIB);
  for (const then of [{ status: 503 }, { status: 409 }, { drop: "before" }, { drop: "after" }, { truncate: 3 }]) {
    await emulator.control({ reset: true, faults: [{ match: { method: "PUT" }, skip: 1, times: 2, then }] });
    const url = await storage.upload(flow(content), { size: content.length });
    assert.equal((await stored(url)).sha256, sha256(content), JSON.stringify(then));
    assert.equal((await seen()).length, 8, JSON.stringify(then));
  }
});

test("an etag is taken from the header, or else from the body", async () => {
  for (const [answer, expected] of /** @type {[() => Response, string][]} */ ([
    [() => new Response("", { headers: { etag: '"of the header"' } }), '"of the header"'],
    [() => Response.json({ partNumber: 9, etag: "of the body" }), "of the body"],
  ])) {
    /** @type {any} */
    let completed;
    const client = createFalClient({
      env,
      fetch: async (url, init) => {
        if (init.method === "PUT") return answer();
        if (url.includes("/complete")) completed = JSON.parse(init.body);
        return Response.json({ upload_url: "https://up.example/u?sig=1", file_url: "https://file.example/f" });
      },
    });
    await client.storage.upload(flow(new Uint8Array(25 * MIB)), { size: 25 * MIB });
    assert.deepEqual(
      completed.parts,
      [1, 2, 3].map((partNumber) => ({ partNumber, etag: expected })),
    );
  }
});

test("a part without an etag, and a place that is none, are invalid answers", async () => {
  const place = { upload_url: "https://up.example/u", file_url: "https://file.example/f" };
  /** @param {any} initiated @param {() => Response} [part] */
  const upload = (initiated, part = () => new Response("")) => {
    const fetch = async (/** @type {any} */ _, /** @type {any} */ { method }) =>
      method === "PUT" ? part() : Response.json(initiated);
    return failureOf(
      createFalClient({ env, fetch }).storage.upload(flow(new Uint8Array(PART + 1)), { size: PART + 1 }),
    );
  };
  for (const answer of ["", "<html>", "null", '{"etag":7}', '{"etag":""}']) {
    const error = await upload(place, () => new Response(answer));
    assert.deepEqual([error.code, error.part], ["invalid_answer", 1], answer);
  }
  for (const bad of [
    "http://up.example/u",
    "javascript:1",
    "//up.example",
    "https://a:b@up.example/",
    "",
    "u",
    7,
    null,
  ]) {
    assert.equal((await upload({ ...place, upload_url: bad })).code, "invalid_answer", String(bad));
  }
  assert.equal((await upload({ upload_url: place.upload_url })).code, "invalid_answer");
});

test("one part that is refused stops the others, and the error says which and what next", async () => {
  await emulator.control({
    faults: [
      {
        match: { method: "PUT", path_contains: "/presigned/" },
        skip: 1,
        then: { status: 403, body: '{"detail":"expired"}' },
      },
      { match: { method: "PUT" }, times: 99, then: { delay_ms: 600_000 } },
    ],
  });
  const error = await failureOf(storage.upload(new Blob([bytes(95 * MIB)])));
  assert.deepEqual([error.status, error.attempts, typeof error.part], [403, 1, "number"]);
  assert.match(error.message, /403: expired\. .*part \d of the file\..*begins with the first part/);
  assert.ok(!(await seen()).some((line) => line.includes("complete")));
  assertSilent(error);
});

test("a part that never arrives is tried as often as the caller allows", async () => {
  await emulator.control({ faults: [{ match: { method: "PUT" }, times: 999, then: { status: 500 } }] });
  for (const maxRetries of [0, 2]) {
    const client = createFalClient({ env, fetch: emulator.fetch, retry: { maxRetries, baseDelay: 1 } });
    const error = await failureOf(client.storage.upload(new Blob([bytes(91 * MIB)])));
    assert.deepEqual([error.status, error.attempts], [500, maxRetries + 1]);
  }
});

test("an abort stops everything at once, and lets go of the stream", async () => {
  await emulator.control({ faults: [{ match: { method: "PUT" }, skip: 2, times: 99, then: { delay_ms: 600_000 } }] });
  /** @type {unknown} */
  let cancelled;
  let given = 0;
  const stream = new ReadableStream(
    {
      pull: (controller) => controller.enqueue(new Uint8Array((given += 1) && MIB)),
      cancel: () => void (cancelled = given),
    },
    { highWaterMark: 0 },
  );
  const controller = new AbortController();
  let signals = 0;
  const client = createFalClient({
    env,
    fetch: (url, init) => {
      init.signal.addEventListener("abort", () => (signals += 1));
      return emulator.fetch(url, init);
    },
  });
  const reason = new Error("changed my mind");
  const onProgress = (/** @type {any} */ { loaded }) => loaded === 2 * PART && controller.abort(reason);
  const call = client.storage.upload(stream, { size: 95 * MIB, abortSignal: controller.signal, onProgress });
  const error = await failureOf(call);
  assert.deepEqual([error.name, error.code, error.cause], ["AbortError", "aborted", reason]);
  assert.ok(cancelled !== undefined && signals >= 2, `${cancelled} ${signals}`);
  assert.deepEqual((await emulator.seen()).files, []);
});

test("a lost answer to the last request does not lose the file", async () => {
  for (const [file, match] of /** @type {[Blob, object][]} */ ([
    [new Blob(["x"]), { method: "PUT" }],
    [new Blob([bytes(91 * MIB)]), { path_contains: "/complete" }],
  ])) {
    await emulator.control({ reset: true, faults: [{ match, then: { drop: "after" } }] });
    assert.equal((await stored(await storage.upload(file))).size, file.size);
  }
});

test("in a bad network a file comes out the same, or there is a clear error; nothing else", async () => {
  const content = bytes(35 * MIB);
  const hash = sha256(content);
  const troubles = [
    { drop: "before" },
    { drop: "after" },
    { truncate: 2 },
    { status: 503 },
    { status: 429 },
    { delay_ms: 30 },
  ];
  const codes = ["connection_lost", "server_error", "rate_limited", "timeout"];
  const ends = { whole: 0, failed: 0 };
  for (let seed = 1; seed <= 24; seed += 1) {
    let state = seed;
    const roll = (/** @type {number} */ sides) => (state = (state * 48_271) % 2_147_483_647) % sides;
    const faults = Array.from({ length: 5 }, () => ({ skip: roll(5), times: 1 + roll(2), then: troubles[roll(6)] }));
    await emulator.control({
      reset: true,
      faults: faults.map((fault) => ({ match: { host: places[roll(3)] }, ...fault })),
    });
    const patience = { baseDelay: 1, maxRetries: roll(6) };
    const client = createFalClient({ env, retry: patience, fetch: emulator.fetch });
    const file = roll(2) ? flow(content) : new Blob([content]);
    const outcome = await client.storage
      .upload(/** @type {any} */ (file), { size: content.length, timeout: 60_000 })
      .catch((error) => error);
    await emulator.control({ faults: [] });
    if (typeof outcome === "string") assert.equal((await stored(outcome)).sha256, hash, `seed ${seed}`);
    else assert.ok(codes.includes(outcome.code), `seed ${seed}: ${outcome.stack}`);
    ends[typeof outcome === "string" ? "whole" : "failed"] += 1;
  }
  assert.ok(ends.whole > 0 && ends.failed > 0, JSON.stringify(ends));
});
