/** Both halves of the edge build in the real workerd, at the dates whose behaviour differs. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { NEWEST_DATE, startWorker } from "../../scripts/lib/worker.mjs";
import { arrivalsOf } from "../lib/clock.mjs";
import { assertSilent } from "../lib/expect.mjs";
import { MIB, storedOf } from "../lib/files.mjs";
import { ACCOUNTS, KEY, OTHER_KEY } from "../lib/keys.mjs";

// Before the WHATWG URL parser and `navigator`; with them; before and after a redirect drops a credential; newest.
const DATES = ["2021-11-03", "2024-09-23", "2025-09-01", NEWEST_DATE];

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());
for (const date of DATES) {
  test(`workerd, compatibility date ${date}`, async (t) => {
    const bindings = { FAL_KEY: KEY, OTHER_KEY };
    const worker = await startWorker(path("tests/workerd/worker.js"), { emulator: emulator.url, bindings, date });
    t.after(() => worker.stop());
    await emulator.control({ reset: true, queue: { ahead: 1, step_ms: 400, run_ms: 800 } });
    /** @param {string} scenario */
    const answer = async (scenario) => {
      const response = await worker.fetch(`/${scenario}`);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      assertSilent(text, scenario);
      return JSON.parse(text);
    };

    await t.test("run, with the key of the bindings", async () => assert.equal((await answer("run")).pictures, 1));

    await t.test("the Platform APIs", async () => {
      const lines = ["line 0", "line 1", "line 2"];
      const expected = { models: 2, file: "hello", lines, refused: "ApiError scope_required" };
      assert.deepEqual(await answer("platform"), expected);
    });

    await t.test("subscribe", async () => {
      await emulator.control({ clock: "manual" });
      assert.deepEqual(await answer("subscribe"), { pictures: 1, states: ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"] });
      await emulator.control({ clock: "real" });
    });

    await t.test("a service binding is a fetch", async () => assert.deepEqual(await answer("binding"), { a: 1 }));

    await t.test(
      "a connection that breaks is known as one, and is not tried again unless that does no harm",
      async () => {
        const faults = [{ match: { path_contains: "emulator/echo" }, times: 1, then: { drop: "after" } }];
        await emulator.control({ faults });
        assert.deepEqual(await answer("lost"), ["connection_lost", 1, true]);
        await emulator.control({ faults });
        const [tries, headers] = await answer("seams");
        assert.equal(tries, 2, "middleware runs again");
        assert.ok(JSON.stringify(headers).includes("x-fal-tags"));
      },
    );

    await t.test("stream", async () => assert.deepEqual(await answer("stream"), { many: true, last: true }));

    await t.test("resume", async () => {
      assert.deepEqual(await answer("resume"), { last: "COMPLETED", input: { a: 1 } });
    });

    await t.test("upload", async () => {
      assert.equal(await (await fetch(await answer("upload"))).text(), "hello");
    });

    await t.test("a stream in parts, one of which fails twice", async () => {
      await emulator.control({ faults: [{ match: { method: "PUT" }, skip: 1, times: 2, then: { drop: "before" } }] });
      const { url, sha256 } = await answer("flow");
      assert.equal((await storedOf(emulator, url)).sha256, sha256);
    });

    if (date === NEWEST_DATE) {
      await t.test("95 MiB in parts, without a key", async () => {
        await emulator.control({ reset: true });
        const { url, sha256, loaded } = await answer("parts");
        assert.equal((await storedOf(emulator, url)).sha256, sha256);
        assert.deepEqual([loaded.length, loaded.at(-1)], [10, 95 * MIB]);
        const { requests } = await emulator.seen();
        const files = requests.filter((/** @type {any} */ { host }) => host === "v3.fal.media");
        assert.equal(files.length, 11);
        const [upload] = (await emulator.seen()).uploads;
        assert.ok(upload.most_at_once > 1 && upload.most_at_once <= 4, String(upload.most_at_once));
        assert.ok(files.every((/** @type {any} */ { authorization }) => !authorization));
      });

      await t.test("an abort in the middle of a file", async () => {
        await emulator.control({ reset: true });
        assert.equal(await answer("leave"), "AbortError aborted");
        assert.deepEqual((await emulator.seen()).files, []);
      });
    }
    await t.test("realtime, with the key on the handshake", async () => {
      const results = [1, 2, 3].map((n) => [n, n]);
      assert.deepEqual(await answer("realtime"), { results, errors: [] });
    });

    await t.test("a realtime handshake that is refused says why", async () => {
      const [missing, stranger, none] = await answer("realtimeErrors");
      assert.equal(missing[0], "credentials_missing");
      assert.deepEqual(stranger, ["unauthorized", 401, 1]);
      assert.deepEqual(none, ["not_found", 404, 1]);
    });

    await t.test("HTTP over a WebSocket", async () => {
      assert.deepEqual(await answer("sockets"), { echoes: [1, 2], size: 100_000, refused: "AbortError aborted" });
    });

    await t.test("handles of a secret store", async () => assert.deepEqual(await answer("handles"), { a: 1 }));

    await t.test("two tenants in one isolate", async () => {
      assert.deepEqual(await answer("tenants"), ["ApiError not_found", "ApiError not_found"]);
    });

    await t.test("an abort that cancels", async () =>
      assert.deepEqual(await answer("cancel"), ["aborted", "accepted"]),
    );

    await t.test("errors", async () => {
      const [validation, endpoint, missing, malformed] = await answer("errors");
      assert.equal(validation, "ValidationError validation_error");
      assert.equal(endpoint, "FalError invalid_endpoint_id");
      assert.equal(missing, "CredentialsError credentials_missing");
      assert.equal(malformed, "CredentialsError credentials_malformed");
    });

    await t.test("a redirect is refused, and the key does not follow it", async () => {
      const then = { status: 307, headers: { location: "https://fal.run/emulator/public" } };
      await emulator.control({ reset: true });
      await emulator.control({ faults: [{ match: { host: "fal.run" }, times: 1, then }] });
      assert.equal(await answer("redirect"), "FalError redirected");
      assert.equal((await emulator.seen()).requests.length, 1);
    });

    await t.test("every vector of the proxy", async () => assert.deepEqual(await answer("vectors"), []));

    await t.test("the proxy streams events as they come", async () => {
      await emulator.control({ reset: true, clock: "manual" });
      const headers = {
        "content-type": "application/json",
        "x-fal-target-url": "https://fal.run/fal-ai/any-llm/stream",
        "x-visitor": "ann",
      };
      const response = await worker.fetch("/proxy", {
        method: "POST",
        headers,
        body: '{"prompt":"Why is the sky blue?"}',
      });
      const arrivals = await arrivalsOf(emulator, /** @type {any} */ (response.body));
      assert.ok(arrivals.length > 5, `${arrivals.length} chunks`);
      assert.ok(arrivals[arrivals.length - 1] - arrivals[0] > 200, "all of it came at once");
    });
  });
}
