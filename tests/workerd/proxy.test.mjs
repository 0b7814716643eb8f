/** The proxy in the real workerd: what is exact, what is bounded, and who leaves. */

import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { NEWEST_DATE, startWorker } from "../../scripts/lib/worker.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { startUpstream, writeBytes } from "../lib/upstream.mjs";

const DATES = ["2021-11-03", "2024-09-23", "2025-09-01", NEWEST_DATE];
const MIB = 1024 * 1024;
const ENTRY = path("tests/workerd/proxy-worker.js");
const objects = { LIMITS: "FalLimits" };
const bindings = { FAL_KEY: KEY };

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

/** @param {string} target @param {any} [init] */
const callTo = (target, { method = "POST", headers = {}, body = "{}", ...init } = {}) => ({
  method,
  headers: { "content-type": "application/json", "x-fal-target-url": target, "x-visitor": "ann", ...headers },
  ...(method === "POST" && { body, duplex: "half" }),
  ...init,
});

const RUN = "https://fal.run/emulator/echo";
const SUBMIT = "https://queue.fal.run/emulator/echo";

for (const date of DATES) {
  test(`the proxy at ${date}`, async (t) => {
    await emulator.control({ reset: true });
    const worker = await startWorker(ENTRY, { emulator: emulator.url, bindings, date, objects });
    t.after(() => worker.stop());
    /** @param {string} proxy @param {any} init @returns {Promise<[number, any]>} */
    const said = async (proxy, init) => {
      const answer = await worker.fetch(`/${proxy}`, init);
      return [answer.status, await answer.json()];
    };

    await t.test("of a thousand submits at once against a limit of a hundred, a hundred pass", async () => {
      const statuses = await Promise.all([...Array(1000)].map(async () => (await said("limited", callTo(SUBMIT)))[0]));
      const count = (/** @type {number} */ wanted) => statuses.filter((status) => status === wanted).length;
      assert.deepEqual([count(200), count(429)], [100, 900]);
      assert.equal((await emulator.seen()).jobs.length, 100);
    });

    await t.test("records of calls that end at once are one chain, and the worker waits for each", async () => {
      await Promise.all([...Array(30)].map(() => said("audited", callTo(RUN, { headers: { "x-visitor": "cyd" } }))));
      /** @type {any[]} */
      const records = [];
      await until(async () => {
        records.push(...(await (await worker.fetch("/told")).json()));
        return records.length >= 30;
      });
      records.sort((one, other) => one.sequence - other.sequence);
      for (const [index, { sequence, previous, key, principal }] of records.entries()) {
        assert.deepEqual([sequence, previous, principal], [index + 1, records[index - 1]?.hash ?? "", "cyd"]);
        assert.equal(key, records[0].key);
      }
      assert.match(records[0].key, /^[0-9a-f]{8}$/);
    });

    await t.test("of fifty uses of a grant at once one passes, a token's too", async () => {
      const token = callTo("https://rest.fal.ai/tokens/realtime", {
        body: JSON.stringify({ allowed_apps: ["emulator/echo/realtime"] }),
      });
      for (const [endpoint, init] of /** @type {[string, any][]} */ ([
        ["emulator/echo", callTo(SUBMIT)],
        ["emulator/echo/realtime", token],
      ])) {
        const wanted = { endpoint, principal: { id: "ann" }, expires: 60, secret: "s".repeat(32) };
        const text = await worker.fetch("/grant", { method: "POST", body: JSON.stringify(wanted) });
        const headers = { ...init.headers, "x-fal-grant": await text.text() };
        const answers = await Promise.all([...Array(50)].map(() => said("granted", { ...init, headers })));
        const codes = answers.map(([status, body]) => (status === 200 ? "ok" : body.error.code)).sort();
        assert.deepEqual(codes, [...Array(49).fill("grant_used"), "ok"]);
      }
    });

    await t.test("the same idempotency key is the same request, also at once", async () => {
      const headers = { "x-visitor": "bob", "idempotency-key": "k" };
      const answers = await Promise.all([...Array(20)].map(() => said("limited", callTo(SUBMIT, { headers }))));
      const ids = new Set(answers.filter(([status]) => status === 200).map(([, { request_id: id }]) => id));
      assert.equal(ids.size, 1);
      assert.ok(answers.every(([status]) => status === 200 || status === 409));
      assert.deepEqual((await said("limited", callTo(SUBMIT, { headers })))[1].request_id, [...ids][0]);
    });

    await t.test("a request is its submitter's own", async () => {
      const answer = await worker.fetch("/plain", callTo(SUBMIT));
      const { request_id: id } = /** @type {any} */ (await answer.json());
      const capability = answer.headers.get("x-fal-capability") ?? "";
      const ask = (/** @type {string} */ visitor, /** @type {string} */ shown) => {
        const headers = { "x-visitor": visitor, "x-fal-capability": shown };
        return said("plain", callTo(`${SUBMIT}/requests/${id}/status`, { method: "GET", headers }));
      };
      const codes = [await ask("ann", capability), await ask("bob", capability), await ask("ann", "")];
      assert.deepEqual(
        codes.map(([status]) => (status === 200 ? 202 : status)),
        [202, 404, 404],
      );
    });

    await t.test("rules, sizes and deadlines", async () => {
      assert.equal((await said("ruled", callTo(RUN, { body: '{"num_images":5}' })))[0], 422);
      const [, { input }] = await said("ruled", callTo(RUN, { body: '{"num_images":4}' }));
      assert.deepEqual(input, { safe: true, num_images: 4 });
      const large = JSON.stringify({ a: "x".repeat(3 * MIB) });
      assert.equal((await said("small", callTo(RUN, { body: large })))[0], 413);
      let left = 32 * MIB;
      const unsaid = new ReadableStream({
        pull(controller) {
          left -= 64 * 1024;
          if (left < 0) controller.close();
          else controller.enqueue(new Uint8Array(64 * 1024).fill(32));
        },
      });
      const endless = await said("small", callTo(RUN, { body: unsaid })).catch(() => [413]);
      assert.equal(endless[0], 413);
      assert.equal((await said("small", callTo("https://fal.run/emulator/slow")))[0], 504);
    });
  });
}

/** Calls over a socket of its own, which can be left. @param {string} url @param {string} [body] */
function visit(url, body = "{}") {
  const headers = { "content-type": "application/json", "x-fal-target-url": RUN, "x-visitor": "ann" };
  const call = httpRequest(url, { method: "POST", headers, agent: false });
  call.on("error", () => {});
  call.end(body);
  return call;
}

for (const date of DATES) {
  for (const flags of [undefined, ["enable_request_signal"]]) {
    test(`a visitor who leaves takes the call along: ${date} ${flags ?? ""}`, async (t) => {
      let mode = "wait";
      const upstream = await startUpstream((_, response) => {
        if (mode === "write") void writeBytes(response.writeHead(200), 1024 * MIB);
      });
      t.after(() => upstream.stop());
      const worker = await startWorker(ENTRY, { emulator: upstream.url, bindings, date, flags, objects });
      t.after(() => worker.stop());
      for (const proxy of ["plain", "watched"]) {
        for (mode of ["wait", "write"]) {
          upstream.calls.length = 0;
          const call = visit(`${worker.url}/${proxy}`);
          /** @type {Promise<void>} */
          const begun = new Promise((resolve) => call.on("response", (answer) => answer.once("data", () => resolve())));
          await until(() => upstream.calls.length === 1);
          if (mode === "write") await begun;
          // Who has not been answered yet is seen to be gone by a reset; a connection that is only closed on one side may
          // still be listening on the other.
          call.socket?.resetAndDestroy();
          await until(() => upstream.calls[0].left);
        }
      }
    });
  }
}

test("who leaves is named as the one who left, before anything was sent and after: enable_request_signal", async (t) => {
  const upstream = await startUpstream(() => {});
  t.after(() => upstream.stop());
  const flags = ["enable_request_signal"];
  const worker = await startWorker(ENTRY, { emulator: upstream.url, bindings, flags, objects });
  t.after(() => worker.stop());
  /** @type {any[]} */
  const told = [];
  const hears = (/** @type {(one: any) => boolean} */ what) =>
    until(async () => (told.push(...(await (await worker.fetch("/told")).json())), told.some(what)));
  const early = visit(`${worker.url}/patient`);
  await hears((one) => one === "asked");
  early.socket?.resetAndDestroy();
  await hears(({ code, status }) => code === "client_left" && status === 499);
  assert.equal(upstream.calls.length, 0);

  const waiting = visit(`${worker.url}/watched`);
  await until(() => upstream.calls.length === 1);
  waiting.socket?.resetAndDestroy();
  await hears(({ code, status }) => code === "client_left_waiting" && status === 499);
});

test("who leaves before the answer gives a place back: enable_request_signal", async (t) => {
  const upstream = await startUpstream(() => {});
  t.after(() => upstream.stop());
  const flags = ["enable_request_signal"];
  const worker = await startWorker(ENTRY, { emulator: upstream.url, bindings, flags, objects });
  t.after(() => worker.stop());
  const first = visit(`${worker.url}/one`);
  await until(() => upstream.calls.length === 1);
  const answer = await worker.fetch("/one", callTo(RUN));
  assert.equal(/** @type {any} */ (await answer.json()).error.code, "too_many_jobs");
  first.socket?.resetAndDestroy();
  await until(() => upstream.calls[0].left);
  // The place is free again when a call gets through; it is refused until the object has heard.
  await until(async () => {
    const next = visit(`${worker.url}/one`);
    next.on("response", (answer) => answer.resume());
    const refused = new Promise((resolve) => next.on("close", resolve));
    await Promise.race([refused, until(() => upstream.calls.length === 2).catch(() => {})]);
    return upstream.calls.length === 2;
  });
});
