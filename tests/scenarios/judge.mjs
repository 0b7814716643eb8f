/** What must be true of every scenario, wherever it was played. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { KEY } from "../lib/keys.mjs";
import { OWN_ERROR, fileOf } from "./play.js";

/** @typedef {import("./draw.js").Scenario} Scenario */
/** @typedef {Awaited<ReturnType<typeof import("./play.js").play>>} Outcome */

/** How long a cancel may hold a caller who leaves, and how much is added to any time, in that of `own` in `play.js`. */
const GRACE = 5_000;
const SLACK = 1_500;
/** How long "at once" takes. */
const AT_ONCE = 250;

/**
 * Whether it is another scenario's: what a caller had sent may arrive when he is long gone, and the next scenario has begun.
 *
 * @param {Scenario} scenario @param {{ fal_headers: [name: string, value: string][] }} sent A request, or a job.
 */
const isLate = ({ startTimeout }, { fal_headers }) =>
  fal_headers.some(([name, value]) => name === "x-fal-request-start-timeout" && Number(value) !== startTimeout);

/** @param {Scenario} scenario @param {Outcome} outcome @param {any} report What the emulator saw. */
export function judge(scenario, outcome, report) {
  const { files } = report;
  const [requests, jobs] = [report.requests, report.jobs].map((all) =>
    all.filter((/** @type {any} */ sent) => !isLate(scenario, sent)),
  );
  const { error, ms, own } = outcome;
  const { operation, options, retry } = scenario;
  assert.ok(!outcome.hangs, `it hangs for ${ms} ms`);
  assert.deepEqual(outcome.unhandled, [], "a promise was rejected that nobody has");
  assert.ok(jobs.length <= 1, `${jobs.length} jobs from one call`);
  const runs = requests.filter(
    (/** @type {any} */ { method, host }) => method === "POST" && /^(queue\.)?fal\.run$/.test(host),
  );
  const repeated = runs.slice(0, -1).filter((/** @type {any} */ { status }) => status !== 429 && status !== 503);
  assert.deepEqual(repeated, [], "a model may have run twice");
  assert.ok(runs.length <= retry.maxRetries + 1, `${runs.length} runs were sent`);
  // What the caller's own code throws is theirs, and ends the call.
  if (error && scenario.rejectAfter !== undefined && error.message === OWN_ERROR) return;
  if (error) judgeError(scenario, outcome, jobs);
  else judgeValue(scenario, outcome.value, files);
  // What takes several calls has several deadlines, and the time of a stream is its longest silence.
  const deadline = (["run", "subscribe", "submit", "upload"].includes(operation) && options.timeout) || Infinity;
  assert.ok(own.ms <= deadline + GRACE + SLACK, `${own.ms} ms, though the time was over at ${deadline}`);
  const cancels = options.cancelOnAbort && ["subscribe", "resume", "subscribeToStatus"].includes(operation);
  const end = own.abortedAt + (cancels ? GRACE + SLACK : AT_ONCE);
  assert.ok(own.ms <= end, `${own.ms} ms, though the caller left at ${own.abortedAt}`);
}

/** @param {Scenario} scenario @param {Outcome} outcome @param {any[]} jobs */
function judgeError({ operation, calm, endpoint, retry, options }, { error, known, ms, abortedAt }, jobs) {
  assert.ok(error);
  assert.ok(error.code && error.code !== "internal" && error.message, "it is not an error of ours");
  assert.equal(typeof error.retryable, "boolean");
  assert.ok(!isSeen(error.text, formsOf(KEY)), "it shows the key");
  assert.ok((error.attempts ?? 0) <= Math.max(retry.maxRetries, 0) + 1, `${error.attempts} attempts`);
  assert.ok(!calm || endpoint === "emulator/fails" || operation === "result", "nothing went wrong");
  if (error.code === "aborted") assert.ok(ms >= abortedAt && error.name === "AbortError", "nobody aborted");
  if (error.code === "timeout") assert.ok(ms >= (options.timeout ?? Infinity) - 5, "it had more time");
  if (known.length > 0) assert.equal(error.requestId, known[0], "the request id is lost");
  if (error.cancelled === "accepted") assert.equal(jobs[0].status, "COMPLETED", "it was said to be cancelled");
}

/** @param {Scenario} scenario @param {any} value @param {any[]} files */
function judgeValue({ operation, endpoint, input, seed, lies }, value, files) {
  // A page of HTML with status 200 is as good as any other answer of a model, or receipt of a file.
  if (lies) return;
  const stored = (/** @type {string} */ url) => {
    const sha256 = createHash("sha256").update(fileOf(seed)).digest("hex");
    assert.equal(files.find((file) => file.url === url)?.sha256, sha256, "another file was stored");
  };
  if (["run", "subscribe", "resume", "result"].includes(operation)) {
    assert.notEqual(endpoint, "emulator/fails");
    if (endpoint === "emulator/echo") assert.deepEqual(value.input, input);
    else assert.equal(value.seconds, input.seconds);
  }
  if (operation === "submit") assert.ok(value.request_id);
  if (operation === "upload") stored(value);
  if (operation === "runWithFile") stored(value.input.file);
  if (operation === "stream") {
    for (const [index, { output }] of value.entries())
      assert.ok(output.startsWith(value[index - 1]?.output ?? ""), "an item is missing or out of order");
  }
}
