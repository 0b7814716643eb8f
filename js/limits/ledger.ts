/**
 * The account of one person: how many requests, which jobs, how much money. Pure: the state, the time and the wish go in,
 * the verdict comes out, and the state has changed by then. Whoever keeps the state has to see to it that two never do
 * this at once.
 *
 * Money is counted in millionths of whatever prices are in: sums stay whole numbers. `limits-redis.js` has the same in the
 * language of Redis; one table of tests holds both against each other.
 */

/** @typedef {import("../types/limits.d.ts").Reservation} Reservation */
/** @typedef {import("../types/limits.d.ts").Settlement} Settlement */
/** @typedef {import("../types/limits.d.ts").Verdict} Verdict */
/** @typedef {import("../types/limits.d.ts").KeptAnswer} KeptAnswer */

/** What is under way: what it costs, as a whole and a unit, in which window it was taken, until when it is waited for, and the job it became. */
/** @typedef {{ cost: number, unit: number, window: number, until: number, job?: string }} Entry */
/** Requests of a window and of the one before, what was spent in a window, what is under way, and until when any of these counts. */
/** @typedef {{ requests: { window: number, count: number, before: number }, spent: { window: number, sum: number }, open: Record<string, Entry>, until: number }} Account */
/** What is known of an idempotency key. @typedef {{ digest: string, answer?: KeptAnswer }} Record_ */

/** More than anybody has under way at once, and what still fits where accounts are kept. */
const MAX_OPEN = 1000;

/** How long to wait for a place among the jobs: one may be done at any time. */
const JOB_WAIT_MS = 5_000;

/** @returns {Account} */
export const newAccount = () => ({
  requests: { window: 0, count: 0, before: 0 },
  spent: { window: 0, sum: 0 },
  open: {},
  until: 0,
});

/** The window a moment is in, and the time until the next one. @param {number} now @param {number} ms */
const windowAt = (now, ms) => ({ window: Math.floor(now / ms), left: ms - (now % ms) });

/**
 * Requests in a window that moves along: those of this one, and of the one before as many as if they had come evenly, so that
 * nobody has twice as many by waiting for its end. `wait` is how long it is full.
 *
 * @param {Account["requests"]} requests @param {number} now @param {{ max: number, windowMs: number }} rate
 */
function rateAt(requests, now, { max, windowMs }) {
  const { window, left } = windowAt(now, windowMs);
  const age = window - requests.window;
  const count = age === 0 ? requests.count : 0;
  const before = age === 0 ? requests.before : age === 1 ? requests.count : 0;
  const isFull = count + (before * left) / windowMs >= max;
  const wait = count >= max ? left + windowMs * (1 - max / count) : left - (windowMs * (max - count)) / before;
  return { window, count, before, wait: isFull ? Math.floor(wait) + 1 : 0, until: now + left + windowMs };
}

/**
 * Takes all that is wished, or nothing.
 *
 * @param {Account} account @param {Record_ | undefined} record @param {number} now @param {Reservation} wish
 * @returns {Verdict}
 */
export function reserve(account, record, now, { ticket, leaseMs, requests, jobs, spending, once }) {
  for (const [id, { until }] of Object.entries(account.open)) if (until <= now) delete account.open[id];
  if (once && record) {
    if (record.digest !== once.digest) return { kind: "reused" };
    return record.answer ? { kind: "replay", answer: record.answer } : { kind: "pending" };
  }
  const rate = requests && rateAt(account.requests, now, requests);
  if (rate && rate.wait > 0) return { kind: "refused", limit: "requests", retryAfterMs: rate.wait };
  const isKept = jobs !== undefined || spending !== undefined;
  if (isKept && Object.keys(account.open).length >= Math.min(jobs?.max ?? MAX_OPEN, MAX_OPEN)) {
    return { kind: "refused", limit: "jobs", retryAfterMs: JOB_WAIT_MS };
  }
  const purse = spending && windowAt(now, spending.windowMs);
  const sum = purse?.window === account.spent.window ? account.spent.sum : 0;
  if (purse && sum + spending.cost > spending.max) {
    return { kind: "refused", limit: "spending", retryAfterMs: purse.left };
  }
  if (rate) account.requests = { window: rate.window, count: rate.count + 1, before: rate.before };
  account.until = Math.max(account.until, rate?.until ?? 0, now + (purse?.left ?? 0));
  if (purse) account.spent = { window: purse.window, sum: sum + spending.cost };
  if (isKept) {
    const { cost = 0, unit = 0 } = spending ?? {};
    account.open[ticket] = { cost, unit, window: purse?.window ?? 0, until: now + leaseMs };
  }
  return { kind: "ok" };
}

/**
 * Writes down what became of something. What is not free costs what fal counts, else what was estimated.
 *
 * @param {Account} account @param {number} now @param {Settlement} settlement
 */
export function settle(account, now, { ticket, job, closes, became, leaseMs, free, units }) {
  const id = ticket ?? Object.keys(account.open).find((id) => account.open[id].job === job) ?? "";
  const entry = account.open[id];
  if (!entry) return;
  const cost = free ? 0 : units === undefined ? entry.cost : Math.ceil(units * entry.unit);
  if (entry.window === account.spent.window) account.spent.sum = Math.max(0, account.spent.sum + cost - entry.cost);
  entry.cost = cost;
  if (closes) delete account.open[id];
  else Object.assign(entry, { until: now + leaseMs, job: became });
}

/**
 * What is known of an idempotency key after that: the answer, once there is one; nothing, when nothing was run.
 *
 * @param {Record_ | undefined} record @param {Settlement} settlement
 * @returns {Record_ | undefined}
 */
export const recordAfter = (record, { free, answer }) => (free ? undefined : record && { ...record, answer });

/** Whether nothing of an account counts any more: nothing is open, and its windows are past. @param {Account} account @param {number} now */
export const isIdle = ({ open, until }, now) => [{ until }, ...Object.values(open)].every(({ until }) => until <= now);
