/** What can go wrong between the page and fal, as the emulator is told of it. */

const QUEUE = "queue.fal.run";

/** By the name of the switch. `offline` is no fault of fal's: the request ends before it is at the proxy. */
const FAULTS = {
  down: { match: { host: QUEUE }, then: { status: 500, body: '{"detail":"Internal Server Error"}' } },
  lost: { match: { host: QUEUE, method: "POST" }, then: { drop: "after" } },
  cut: { match: { host: QUEUE, path_ends: "/stream" }, then: { truncate: 160 } },
};

const SLOW_MS = 1_500;

/** Two others in front, so that there is a queue to see. */
export const BUSY = { queue: { ahead: 2, step_ms: 700, concurrency: 2 } };

/** A command for the emulator, from the names of the switches that are on. */
export const commandOf = (on) => ({
  latency_ms: on.includes("slow") ? SLOW_MS : 0,
  faults: on.filter((name) => name in FAULTS).map((name) => ({ times: null, ...FAULTS[name] })),
});
