/** Webhooks of other people: fal signs for all its customers, so a signature does not say whose request it is. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createWebhookHandler, verifyWebhook } from "fal-wasm/webhook";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY, OTHER_KEY } from "../lib/keys.mjs";
import { makeKey, posted, publish, signed } from "../lib/webhooks.mjs";

const key = await makeKey();
const { fetch } = publish(key);

/** What a handler answers, and how often the app was called. @param {any} options @param {any} webhook */
async function handled(options, webhook) {
  let calls = 0;
  /** @type {any[]} */
  const told = [];
  const onEvent = () => void (calls += 1);
  const onError = (/** @type {any} */ error) => void told.push(error);
  const answer = await createWebhookHandler({ fetch, onEvent, onError, ...options })(posted(webhook));
  const text = await answer.text();
  return { status: answer.status, code: text && JSON.parse(text).error.code, calls, told };
}

const TAKEN = [200, "", 1];
/** @param {any} options @param {any} webhook */
const outcome = async (options, webhook) => {
  const { status, code, calls } = await handled(options, webhook);
  return [status, code, calls];
};

test("a webhook of an account that is not one's own is refused", async () => {
  const mine = await signed(key, { user: "user|1" });
  for (const accounts of [["user|1"], ["other", "user|1"]]) assert.deepEqual(await outcome({ accounts }, mine), TAKEN);
  for (const accounts of [["user|2"], ["user|"], ["user|11"], ["USER|1"], ["*"]]) {
    assert.deepEqual(await outcome({ accounts }, mine), [403, "webhook_account_unknown", 0], accounts[0]);
    assert.equal((await failureOf(verifyWebhook(mine, { fetch, accounts }))).code, "webhook_account_unknown");
  }
});

test("header and body name the same request, or the attempt at it", async () => {
  const body = (/** @type {string} */ attempt) =>
    JSON.stringify({ request_id: "mine", gateway_request_id: attempt, status: "OK", payload: {} });
  assert.deepEqual(await outcome({}, await signed(key, { id: "mine", body: body("second") })), TAKEN);
  assert.deepEqual(await outcome({}, await signed(key, { id: "second", body: body("second") })), TAKEN);
  for (const id of ["yours", "Mine", "mine2", "min"]) {
    const webhook = await signed(key, { id, body: body("second") });
    assert.deepEqual(await outcome({}, webhook), [400, "webhook_request_mismatch", 0], id);
  }
});

test("two attempts at a request are one webhook", async () => {
  let calls = 0;
  const handler = createWebhookHandler({ fetch, onEvent: () => void (calls += 1) });
  for (const attempt of ["first", "second"]) {
    const body = JSON.stringify({ request_id: "one", gateway_request_id: attempt, status: "OK" });
    assert.equal((await handler(posted(await signed(key, { id: attempt, body })))).status, 200);
  }
  assert.equal(calls, 1);
});

test("a request that the app has not submitted is refused, until it has", async () => {
  const jobs = new Set(["a"]);
  const one = (/** @type {string} */ id) => signed(key, { id });
  for (const submitted of [jobs, (/** @type {string} */ id) => jobs.has(id), { has: async () => jobs.has("a") }]) {
    assert.deepEqual(await outcome({ submitted }, await one("a")), TAKEN);
  }
  for (const submitted of [jobs, (/** @type {string} */ id) => jobs.has(id), async () => undefined, () => "no"]) {
    assert.deepEqual(await outcome({ submitted }, await one("b")), [404, "webhook_request_unknown", 0]);
  }
  let calls = 0;
  const handler = createWebhookHandler({ fetch, submitted: jobs, onEvent: () => void (calls += 1) });
  assert.equal((await handler(posted(await one("late")))).status, 404);
  jobs.add("late");
  assert.equal((await handler(posted(await one("late")))).status, 200);
  assert.equal(calls, 1);
});

test("an app that cannot say what it submitted is called again, and learns why", async () => {
  const down = new Error("database down");
  const submitted = () => Promise.reject(down);
  const { status, code, calls, told } = await handled({ submitted }, await signed(key));
  assert.deepEqual([status, code, calls, told[0].cause], [500, "webhook_not_handled", 0, down]);
});

test("options that would pin nothing are refused by name", () => {
  const cases = { accounts: [[], "user|1", [""], [7], ["a,b"], ["a b"]], submitted: [true, ["a"], {}, "a"] };
  for (const [name, values] of Object.entries(cases)) {
    for (const value of values) {
      const make = () => createWebhookHandler(/** @type {any} */ ({ onEvent() {}, [name]: value }));
      assert.throws(
        make,
        (/** @type {any} */ error) => error.code === "invalid_option" && error.message.includes(name),
      );
    }
  }
});

test("what the emulator signs for another account comes to the same URL, and is not taken", async () => {
  const emulator = await startEmulator({ keys: ACCOUNTS });
  after(() => emulator.stop());
  const { createServer } = await import("node:http");
  /** @type {any[]} */
  const events = [];
  const onEvent = (/** @type {any} */ event) => void events.push(event);
  const handler = createWebhookHandler({ fetch: emulator.fetch, accounts: ["canary"], onEvent });
  /** @type {number[]} */
  const statuses = [];
  const server = createServer(async (request, response) => {
    const init = { method: "POST", headers: request.headers, body: request, duplex: "half" };
    const answer = await handler(new Request("https://app.example/hook", /** @type {any} */ (init)));
    response.writeHead(answer.status).end();
    statuses.push(answer.status);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  after(() => server.close());
  const webhookUrl = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`;
  await emulator.control({ clock: "manual", queue: { run_ms: 1 } });
  for (const [credentials, status] of [
    [OTHER_KEY, 403],
    [KEY, 200],
  ]) {
    const fal = createFalClient({ credentials: String(credentials), fetch: emulator.fetch });
    await fal.queue.submit("emulator/echo", { input: { from: "me" }, webhookUrl });
    const answered = new Promise((resolve) => server.once("request", (_, response) => response.once("close", resolve)));
    await emulator.control({ advance_ms: 1 });
    await answered;
    assert.equal(statuses.at(-1), status);
  }
  assert.deepEqual(
    events.map(({ userId }) => userId),
    ["canary"],
  );
});
