/** Scenarios by seed: what a caller wants, and everything that goes wrong meanwhile. Plain data, for any place. */

/**
 * @typedef {object} Scenario
 * @property {number} seed
 * @property {string} operation A name in `play.js`.
 * @property {string} endpoint
 * @property {any} input
 * @property {any} options Options of the call.
 * @property {number} startTimeout Of whatever it runs, in seconds: no other scenario has the same, so that a request which
 *   arrives when its caller is long gone is known to be of another scenario.
 * @property {any} retry
 * @property {number} [abortAfter] Milliseconds until the caller leaves.
 * @property {number} [leaveAfter] Items until the caller leaves the loop.
 * @property {number} [rejectAfter] Calls of its callbacks after which they reject.
 * @property {boolean} plainFetch Whether its `fetch` answers without streams, as that of React Native does.
 * @property {{ after: number, by: number }} [leap] What the clock does: it is set, after so many milliseconds by so many.
 * @property {number} limit Milliseconds after which it hangs.
 * @property {object} control What the emulator is told.
 * @property {boolean} calm Whether nothing goes wrong.
 * @property {boolean} lies Whether somebody else may answer in fal's place, as if all were well.
 */

/** A small generator (splitmix32). @param {number} seed */
function dice(seed) {
  let state = seed >>> 0;
  const roll = (/** @type {number} */ sides) => {
    state = (state + 0x9e3779b9) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return ((word ^ (word >>> 15)) >>> 0) % sides;
  };
  return {
    roll,
    chance: (/** @type {number} */ percent) => roll(100) < percent,
    /** @template T @param {readonly T[]} list @returns {T} */
    pick: (list) => list[roll(list.length)],
  };
}

/** Operations, as often as they are worth it. */
const OPERATIONS = [
  ..."run run subscribe subscribe subscribe subscribe resume submit status result cancel".split(" "),
  ..."subscribeToStatus streamStatus stream stream upload upload runWithFile".split(" "),
];

/** Which requests a fault may strike. */
const PLACES = [
  {},
  {},
  { host: "queue.fal.run" },
  { host: "fal.run" },
  { host: "rest.fal.ai" },
  { host: "v3.fal.media" },
  { method: "GET" },
  { method: "POST" },
  { method: "PUT" },
  { path_contains: "/status" },
  { path_contains: "/status/stream" },
];

/** Operations that follow a job, and those that only look at it: the others take a timeout and nothing more. */
const FOLLOWS = ["subscribe", "resume", "subscribeToStatus"];
const LOOKS = ["status", "streamStatus"];

/** What an operation takes of these; anything else would be refused. @param {string} operation @param {any} options */
const meant = (operation, { timeout, logs, ...follow }) => ({
  timeout,
  ...(LOOKS.includes(operation) && { logs }),
  ...(FOLLOWS.includes(operation) && { logs, ...follow }),
});

/** How an answer explains itself that is not the model's. */
const BODIES = [
  "",
  '{"detail":"Something is wrong"}',
  "<!doctype html><title>502</title>",
  '{"error":',
  '{"status":1}',
];

/** @param {ReturnType<typeof dice>} dice @returns {object} */
function fault({ roll, chance, pick }) {
  const status = pick([400 + roll(200), 400 + roll(200), 429, 500, 502, 503, 504, 302]);
  const then = pick([
    { status, body: pick(BODIES), ...(chance(50) && { retry_after: { ms: roll(300), as: pick(["ms", "seconds"]) } }) },
    { status, body: pick(BODIES) },
    { status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><title>An app</title>" },
    { drop: "before" },
    { drop: "after" },
    { truncate: roll(200) },
    { delay_ms: roll(800) },
    { split: 1 + roll(40), every_ms: roll(4) },
    { stall_ms: roll(1_200), after: roll(100) },
    { hold: true },
  ]);
  return { match: pick(PLACES), skip: roll(3), times: 1 + roll(3), then };
}

/** @param {number} seed @returns {Scenario} */
export function draw(seed) {
  const chances = dice(seed);
  const { roll, chance, pick } = chances;
  const operation = pick(OPERATIONS);
  const streams = operation === "stream";
  const endpoint = streams
    ? "fal-ai/any-llm"
    : pick(["emulator/echo", "emulator/echo", "emulator/slow", "emulator/fails"]);
  const input = streams ? { prompt: "a cat" } : { seconds: roll(300) / 1_000, seed };
  const timeout = chance(30) ? 50 + roll(1_500) : undefined;
  const faults = chance(80) ? Array.from({ length: 1 + roll(3) }, () => fault(chances)) : [];
  const abortAfter = chance(25) ? roll(500) : undefined;
  const leaveAfter = streams && chance(50) ? roll(10) : undefined;
  // Drawn from dice of their own, so that a seed is the day that it always was.
  const odd = dice(~seed);
  const rejectAfter = odd.chance(15) && FOLLOWS.includes(operation) ? odd.roll(5) : undefined;
  const leap = odd.chance(20) ? { after: odd.roll(400), by: odd.pick([-3_600_000, -500, 500, 3_600_000]) } : undefined;
  return {
    seed,
    operation,
    endpoint,
    input,
    options: meant(operation, {
      timeout,
      mode: pick(["streaming", "streaming", "polling"]),
      pollInterval: 10 + roll(60),
      logs: chance(50),
      cancelOnAbort: chance(50),
      cancelOnTimeout: chance(70),
    }),
    startTimeout: 3_600 + seed,
    retry: { maxRetries: roll(4), baseDelay: roll(40) },
    abortAfter,
    leaveAfter,
    rejectAfter,
    plainFetch: odd.chance(15),
    leap,
    // Longer than any deadline of the client's, also on a slow machine: what takes that long has no end.
    limit: 60_000,
    control: {
      reset: true,
      queue: { ahead: roll(3), step_ms: roll(80), run_ms: chance(50) ? roll(150) : null },
      latency_ms: roll(20),
      faults,
    },
    lies: faults.some((/** @type {any} */ { then }) => then.status === 200),
    calm: faults.length === 0 && timeout === undefined && abortAfter === undefined && !leap,
  };
}
