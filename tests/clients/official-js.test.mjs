/** The published `@fal-ai/client` against the emulator: it judges the emulator, not itself. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";

import { ApiError, ValidationError, createFalClient } from "@fal-ai/client";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { moveOn } from "../lib/clock.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const { control, seen: report, url: base } = emulator;

/** Hosts that were called. @type {Set<string>} */
const hosts = new Set();

/** @type {typeof fetch} */
const redirect = (input, init) => {
  hosts.add(new URL(String(input)).host);
  return emulator.fetch(input, init);
};
const client = (options = {}) => createFalClient({ credentials: KEY, fetch: redirect, ...options });
const fal = client();

const equal = assert.deepEqual;
const truthy = assert.ok;

/** The error of a call that must fail. @param {Promise<any>} promise @returns {Promise<any>} */
const rejects = (promise) =>
  promise.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );

after(() => {
  emulator.stop();
  const known = ["fal.run", "queue.fal.run", "rest.fal.ai", new URL(base).host];
  equal(
    [...hosts].filter((host) => !known.includes(host)),
    [],
  );
});

test("run answers a picture that can be fetched", async () => {
  const { data, requestId } = await fal.run("fal-ai/flux/schnell", {
    input: { prompt: "a cat in the rain", image_size: "square", output_format: "png", seed: 7 },
  });
  truthy(/^[0-9a-f-]{36}$/.test(requestId), "request id");
  equal([data.seed, data.images.length, data.images[0].width], [7, 1, 512]);
  const picture = await fetch(data.images[0].url);
  equal(picture.headers.get("content-type"), "image/png");
  equal([...new Uint8Array(await picture.arrayBuffer()).slice(0, 4)], [137, 80, 78, 71]);
});

test("run rejects a missing prompt with the field's name", async () => {
  const error = await rejects(fal.run("fal-ai/flux/dev", { input: {} }));
  truthy(error instanceof ValidationError, `a ValidationError, not ${error}`);
  equal(error.getFieldErrors("prompt").length, 1);
});

test("run rejects a key that does not exist", async () => {
  const error = await rejects(client({ credentials: "a:b" }).run("emulator/echo", { input: { a: 1 } }));
  equal([error instanceof ApiError, error.status, error.body.detail], [true, 401, "invalid key credentials"]);
});

test("run gives up when the start timeout passes, as the user asked", async () => {
  await control({ queue: { ahead: 10, step_ms: 1000 } });
  const error = await rejects(fal.run("emulator/echo", { input: { a: 1 }, startTimeout: 1.1 }));
  await control({ queue: { ahead: 0, step_ms: 400 } });
  equal([error.status, error.isUserTimeout], [504, true]);
});

test("run returns bytes as bytes", async () => {
  const { data } = await fal.run("emulator/bytes", { input: { size: 300 } });
  equal([data.byteLength, new Uint8Array(data)[252]], [300, 1]);
});

test("run needs no key for a public model", async () => {
  const { data } = await client({ credentials: "" }).run("emulator/public", { input: { a: 1 } });
  equal(data.input, { a: 1 });
});

test("submit, status, result", async () => {
  const queued = await fal.queue.submit("emulator/echo", {
    input: { a: 1 },
    priority: "low",
    hint: "runner-1",
    webhookUrl: "https://example.com/hook",
    storageSettings: { expiresIn: "1h" },
  });
  equal([queued.status, queued.queue_position], ["IN_QUEUE", 0]);
  truthy(queued.status_url.startsWith(`${base}/queue.fal.run/emulator/echo/requests/`), queued.status_url);
  let status;
  do status = await fal.queue.status("emulator/echo", { requestId: queued.request_id, logs: true });
  while (status.status !== "COMPLETED");
  truthy(Array.isArray(status.logs) && status.metrics.inference_time > 0, "logs and metrics");
  const { data, requestId } = await fal.queue.result("emulator/echo", { requestId: queued.request_id });
  equal(requestId, queued.request_id);
  equal(data, {
    input: { a: 1 },
    fal_headers: ["x-fal-object-lifecycle-preference", "x-fal-queue-priority", "x-fal-runner-hint"],
  });
});

test("result before completion is a 400", async () => {
  const { request_id } = await fal.queue.submit("emulator/slow", { input: { seconds: 3_600 } });
  const error = await rejects(fal.queue.result("emulator/slow", { requestId: request_id }));
  equal([error.status, error.body.detail], [400, "Request is still in progress"]);
});

test("an endpoint with a path is found under its app", async () => {
  const { request_id } = await fal.queue.submit("fal-ai/flux/schnell", { input: { prompt: "the sea" } });
  const status = await fal.queue.subscribeToStatus("fal-ai/flux/schnell", { requestId: request_id, pollInterval: 50 });
  equal(status.status, "COMPLETED");
});

test("workflows and legacy ids", async () => {
  const { data } = await fal.subscribe("workflows/emulator/postcard", { input: { prompt: "a" }, pollInterval: 20 });
  equal([typeof data.output, data.images.length], ["string", 1]);
  const lcm = await fal.subscribe("110602490-lcm", { input: { prompt: "hills" }, pollInterval: 50 });
  equal(lcm.data.images.length, 1);
});

for (const mode of ["polling", "streaming"]) {
  test(`subscribe by ${mode} sees positions fall and logs grow`, async () => {
    await control({ clock: "manual", queue: { ahead: 3, step_ms: 150, run_ms: 800 } });
    const move = moveOn(emulator, { IN_QUEUE: 150, IN_PROGRESS: 800 });
    const seen = [];
    let logs = [];
    const { data } = await fal.subscribe("fal-ai/flux/dev", {
      mode,
      logs: true,
      pollInterval: 40,
      input: { prompt: "mountains at dawn", num_inference_steps: 20 },
      onQueueUpdate: (update) => {
        const now = update.status === "IN_QUEUE" ? `IN_QUEUE ${update.queue_position}` : update.status;
        if (seen.at(-1) !== now) seen.push(now);
        logs = update.logs ?? logs;
        move(/** @type {any} */ (update));
      },
    });
    await control({ clock: "real", queue: { ahead: 0, step_ms: 400, run_ms: null } });
    equal(seen, ["IN_QUEUE 3", "IN_QUEUE 2", "IN_QUEUE 1", "IN_PROGRESS", "COMPLETED"]);
    equal(logs.length, 11, "log lines");
    truthy(logs.at(-1).message.startsWith("100%|██████████| 20/20"), logs.at(-1).message);
    equal(data.images.length, 1);
  });
}

test("the status as a stream", async () => {
  await control({ clock: "manual", queue: { ahead: 1, step_ms: 100, run_ms: 300 } });
  const move = moveOn(emulator, { IN_QUEUE: 100, IN_PROGRESS: 300 });
  const { request_id: requestId } = await fal.queue.submit("fal-ai/flux/dev", { input: { prompt: "the sea" } });
  const stream = await fal.queue.streamStatus("fal-ai/flux/dev", { requestId, logs: true });
  const statuses = [];
  let lines = 0;
  for await (const update of stream) {
    statuses.push(update.status);
    lines += /** @type {any} */ (update).logs?.length ?? 0;
    move(/** @type {any} */ (update));
  }
  await control({ clock: "real", queue: { ahead: 0, step_ms: 400, run_ms: null } });
  equal([...new Set(statuses)], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
  equal(lines, 11, "each line came once");
  equal((await stream.done()).status, "COMPLETED");
});

test("the events of a workflow", async () => {
  const types = [];
  for await (const event of await fal.stream("workflows/emulator/postcard", { input: { prompt: "a" } }))
    types.push(event.type);
  equal(types, ["submit", "completion", "submit", "completion", "output"]);
});

test("a refusal is COMPLETED without an error, and a 422 on the result", async () => {
  const updates = [];
  const error = await rejects(
    fal.subscribe("emulator/refuses", {
      input: { prompt: "something" },
      pollInterval: 20,
      onQueueUpdate: (update) => updates.push(update),
    }),
  );
  equal([updates.at(-1).status, updates.at(-1).error], ["COMPLETED", undefined]);
  equal([error.status, error.body.detail[0].type], [422, "content_policy_violation"]);
  equal(error.body.detail[0].input, { prompt: "something" });
});

test("a failure is COMPLETED with an error", async () => {
  const { request_id: requestId } = await fal.queue.submit("emulator/fails", { input: {} });
  const status = await fal.queue.subscribeToStatus("emulator/fails", { requestId, pollInterval: 20 });
  equal([status.status, status.error_type], ["COMPLETED", "runner_server_error"]);
  equal((await rejects(fal.queue.result("emulator/fails", { requestId }))).status, 500);
});

test("cancel", async () => {
  const { request_id: requestId } = await fal.queue.submit("emulator/slow", { input: { seconds: 3_600 } });
  await fal.queue.cancel("emulator/slow", { requestId });
  equal((await fal.queue.status("emulator/slow", { requestId })).status, "COMPLETED");
  equal((await rejects(fal.queue.result("emulator/slow", { requestId }))).status, 499);
  const again = await rejects(fal.queue.cancel("emulator/slow", { requestId }));
  equal([again.status, again.body], [400, { status: "ALREADY_COMPLETED" }]);
});

test("subscribe cancels on its own timeout", async () => {
  const error = await rejects(
    fal.subscribe("emulator/slow", { input: { seconds: 3_600 }, timeout: 200, pollInterval: 50 }),
  );
  truthy(/timed out/.test(error.message), error.message);
  // The client does not wait for its cancel.
  await until(async () => (await report()).jobs.at(-1).error_type === "client_cancelled");
});

for (const connectionMode of ["server", "client"]) {
  test(`stream, connected by the ${connectionMode}`, async () => {
    const stream = await fal.stream("fal-ai/any-llm", {
      input: { prompt: "Why is the sky blue?" },
      connectionMode,
      tokenProvider:
        connectionMode === "client"
          ? async () =>
              (
                await redirect("https://rest.fal.ai/tokens/", {
                  method: "POST",
                  headers: { authorization: `Key ${KEY}` },
                  body: JSON.stringify({ allowed_apps: ["any-llm"], token_expiration: 60 }),
                })
              ).json()
          : undefined,
    });
    const outputs = [];
    for await (const event of stream) outputs.push(event);
    const last = await stream.done();
    equal([last.partial, outputs[0].partial, outputs.length > 10], [false, true, true]);
    truthy(
      outputs.every((event, i) => i === 0 || event.output.startsWith(outputs[i - 1].output)),
      "outputs grow",
    );
  });
}

test("upload, and image to image from it", async () => {
  const { data } = await fal.run("fal-ai/flux/schnell", { input: { prompt: "a house", image_size: "square" } });
  const bytes = await (await fetch(data.images[0].url)).arrayBuffer();
  const file = new File([bytes], "house.jpg", { type: "image/jpeg" });
  const url = await fal.storage.upload(file, { lifecycle: { expiresIn: "1d" } });
  truthy(url.startsWith(`${base}/v3.fal.media/files/`), url);
  const served = await fetch(url);
  equal(
    [served.headers.get("content-type"), (await served.arrayBuffer()).byteLength],
    ["image/jpeg", bytes.byteLength],
  );
  const result = await fal.run("fal-ai/flux/dev/image-to-image", { input: { prompt: "at night", image_url: file } });
  equal([result.data.images[0].width, result.data.images[0].height], [512, 512]);
  equal((await fetch(result.data.images[0].url)).status, 200);
});

test("upload of 95 MiB in parts", async () => {
  const bytes = new Uint8Array(95 * 1024 * 1024).map((_, i) => i % 251);
  const url = await fal.storage.upload(new File([bytes], "large.bin", { type: "application/x-large" }));
  const file = (await report()).files.find((file) => file.url === url);
  equal([file.size, file.content_type], [bytes.length, "application/x-large"]);
  equal(file.sha256, createHash("sha256").update(bytes).digest("hex"));
  const upload = (await report()).uploads.find((upload) => upload.file_url === url);
  equal([upload.parts.length, upload.most_at_once, upload.authorization, upload.completed], [10, 1, false, true]);
});

test("retries get through what a fault lets through", async () => {
  await control({ reset: true });
  await control({ faults: [{ match: { host: "fal.run" }, times: 2, then: { status: 503, body: "{}" } }] });
  equal((await fal.run("emulator/echo", { input: { a: 3 } })).data.input, { a: 3 });
  await control({ faults: [{ match: { host: "queue.fal.run", method: "POST" }, then: { drop: "after" } }] });
  await fal.queue.submit("emulator/echo", { input: { a: 4 } });
  const { requests, jobs } = await report();
  equal(
    requests.map((request) => request.status),
    [503, 503, 200, 200, 200],
  );
  equal(jobs.length, 2, "jobs");
});
