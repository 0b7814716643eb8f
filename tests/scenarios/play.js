/** Playing a scenario: in a page, in workerd and in Node. */

/** What of a file is uploaded. @param {number} seed */
export const fileOf = (seed) => `file ${seed} `.repeat(1 + (seed % 500));

/** @typedef {import("./draw.js").Scenario} Scenario */

/** @type {string[]} */
const unhandled = [];
globalThis.addEventListener?.("unhandledrejection", (event) => {
  unhandled.push(String(/** @type {any} */ (event).reason?.stack ?? /** @type {any} */ (event).reason));
});
/** @type {any} */ (globalThis).process?.on?.("unhandledRejection", (/** @type {any} */ reason) => {
  unhandled.push(String(reason?.stack ?? reason));
});

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How often the time is looked at, in milliseconds. */
const BEAT = 10;

/**
 * A clock that all but stands still while this process does: what a busy machine gives to others does not count. A beat
 * that comes late counts for two.
 */
function ownClock() {
  let own = 0;
  let last = Date.now();
  const look = () => {
    const now = Date.now();
    own += Math.min(now - last, 2 * BEAT);
    last = now;
    return own;
  };
  const timer = setInterval(look, BEAT);
  return { look, stop: () => clearInterval(timer) };
}

/** What a callback of the caller's rejects with. */
export const OWN_ERROR = "the caller's own";

/** Callbacks that are async, and reject after so many calls. @param {number | undefined} calls */
function callbacks(calls) {
  if (calls === undefined) return {};
  let left = calls;
  const reject = async () => {
    if (left-- <= 0) throw new Error(OWN_ERROR);
  };
  return { onQueueUpdate: reject };
}

/** A `fetch` whose answers can only be read whole. @param {typeof fetch} fetch */
const plain = (fetch) => async (/** @type {any} */ input, /** @type {any} */ init) => {
  const response = await fetch(input, init);
  const { status, statusText, ok, redirected, type, url, headers } = response;
  const read = Object.fromEntries(
    /** @type {const} */ (["json", "text", "arrayBuffer", "blob"]).map((way) => [way, () => response[way]()]),
  );
  return { status, statusText, ok, redirected, type, url, headers, body: undefined, ...read };
};

/** Sets the clock that machines are told the time by, and returns how to set it right. @param {Scenario["leap"]} leap */
function setClock(leap) {
  const { performance } = globalThis;
  const own = performance.now;
  if (!leap) return () => {};
  const began = own.call(performance);
  const now = () => {
    const time = own.call(performance);
    return time + (time - began >= leap.after ? leap.by : 0);
  };
  Object.defineProperty(performance, "now", { value: now, configurable: true, writable: true });
  return () => Object.defineProperty(performance, "now", { value: own, configurable: true, writable: true });
}

/**
 * @param {any} fal @param {Scenario} scenario @param {any} options @param {(id: string) => void} know
 * @returns {Promise<any>}
 */
async function call(fal, { operation, endpoint, input, seed, leaveAfter, startTimeout }, options, know) {
  const all = { input, startTimeout, ...options };
  const submitted = async () => {
    const { request_id } = await fal.queue.submit(endpoint, { input, startTimeout, abortSignal: options.abortSignal });
    know(request_id);
    return { ...options, requestId: request_id };
  };
  switch (operation) {
    case "run":
      return (await fal.run(endpoint, all)).data;
    case "subscribe":
      return (await fal.subscribe(endpoint, { ...all, onEnqueue: know })).data;
    case "resume":
      return (await fal.subscribe(endpoint, await submitted())).data;
    case "submit":
      return fal.queue.submit(endpoint, all);
    case "status":
      return fal.queue.status(endpoint, await submitted());
    case "result":
      return (await fal.queue.result(endpoint, await submitted())).data;
    case "cancel":
      return fal.queue.cancel(endpoint, await submitted());
    case "subscribeToStatus":
      return fal.queue.subscribeToStatus(endpoint, await submitted());
    case "streamStatus":
      return items(await fal.queue.streamStatus(endpoint, await submitted()));
    case "stream":
      return items(await fal.stream(endpoint, all), leaveAfter);
    case "upload":
      return fal.storage.upload(new Blob([fileOf(seed)], { type: "text/plain" }), options);
    case "runWithFile":
      return (await fal.run("emulator/echo", { ...all, input: { file: new Blob([fileOf(seed)]) } })).data;
    default:
      throw new Error(operation);
  }
}

/** @param {AsyncIterable<any>} stream @param {number} [leaveAfter] */
async function items(stream, leaveAfter = Infinity) {
  const items = [];
  for await (const item of stream) {
    items.push(item);
    if (items.length > leaveAfter) break;
  }
  return items;
}

/**
 * What became of a scenario.
 *
 * @param {(config: any) => any} createFalClient @param {any} config @param {Scenario} scenario
 */
export async function play(createFalClient, config, scenario) {
  const { fetch = globalThis.fetch.bind(globalThis) } = config;
  const fal = createFalClient({
    ...config,
    ...(scenario.plainFetch && { fetch: plain(fetch) }),
    retry: scenario.retry,
  });
  const rightClock = setClock(scenario.leap);
  const leaving = new AbortController();
  /** @type {string[]} */
  const known = [];
  const began = Date.now();
  const clock = ownClock();
  let abortedAt = Number.MAX_SAFE_INTEGER;
  let abortedAtOwn = Number.MAX_SAFE_INTEGER;
  const abort = () => {
    abortedAt = Date.now() - began;
    abortedAtOwn = clock.look();
    leaving.abort();
  };
  const timer = scenario.abortAfter === undefined ? undefined : setTimeout(abort, scenario.abortAfter);
  const options = { ...scenario.options, ...callbacks(scenario.rejectAfter), abortSignal: leaving.signal };
  const tell = (/** @type {any} */ error) => ({
    name: error?.name,
    code: error?.code,
    message: error?.message,
    status: error?.status,
    requestId: error?.requestId,
    attempts: error?.attempts,
    cancelled: error?.cancelled,
    retryable: error?.retryable,
    text: `${error} ${error?.stack} ${JSON.stringify(error)}`,
  });
  /** @type {any} */
  let patience;
  const hangs = new Promise((resolve) => (patience = setTimeout(() => resolve({ hangs: true }), scenario.limit)));
  const outcome = await Promise.race([
    call(fal, scenario, options, (id) => known.push(id)).then(
      (value) => ({ value }),
      (error) => ({ error: tell(error) }),
    ),
    hangs,
  ]);
  const ms = Date.now() - began;
  const own = clock.look();
  clock.stop();
  rightClock();
  clearTimeout(patience);
  clearTimeout(timer);
  // Time for a promise that nobody waits for.
  await pause(5);
  return {
    value: undefined,
    error: undefined,
    hangs: false,
    ...outcome,
    ms,
    abortedAt,
    // Nothing may take longer than this, whatever else the machine does.
    own: { ms: own, abortedAt: abortedAtOwn },
    known,
    unhandled: unhandled.splice(0),
  };
}
