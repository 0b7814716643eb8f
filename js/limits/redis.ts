/**
 * Limits in Redis, over the REST protocol of Upstash: exact, because each step is one script that Redis runs atomically. The
 * scripts do what `ledger.ts` does, line by line.
 */

import { uncached } from "../io/uncached.ts";
import type { LimitStore } from "./types.ts";

/** The beginning of both scripts: the account and the record of the idempotency key, if there is one. */
const BEGIN = `
local now, ask = tonumber(ARGV[1]), cjson.decode(ARGV[2])
local text, known = redis.call('GET', KEYS[1]), KEYS[2] and redis.call('GET', KEYS[2])
local account = text and cjson.decode(text) or
  { requests = { window = 0, count = 0, before = 0 }, spent = { window = 0, sum = 0 }, open = {} }
local record = known and cjson.decode(known)
local function keep() redis.call('SET', KEYS[1], cjson.encode(account), 'PX', ARGV[3]) end
`;

const RESERVE = `${BEGIN}
local size = 0
for id, entry in pairs(account.open) do
  if entry['until'] <= now then account.open[id] = nil else size = size + 1 end
end
if ask.once and record then
  if record.digest ~= ask.once.digest then return '{"kind":"reused"}' end
  if record.answer then return cjson.encode({ kind = 'replay', answer = record.answer }) end
  return '{"kind":"pending"}'
end
local function refused(limit, left) return cjson.encode({ kind = 'refused', limit = limit, retryAfterMs = left }) end
local rate, budget = ask.requests, ask.spending
local count, before, sum, window, day = 0, 0, 0, 0, 0
if rate then
  window = math.floor(now / rate.windowMs)
  local requests, left = account.requests, rate.windowMs - now % rate.windowMs
  if window == requests.window then count, before = requests.count, requests.before
  elseif window == requests.window + 1 then before = requests.count end
  if count + before * left / rate.windowMs >= rate.max then
    local wait = left - rate.windowMs * (rate.max - count) / before
    if count >= rate.max then wait = left + rate.windowMs * (1 - rate.max / count) end
    return refused('requests', math.floor(wait) + 1)
  end
end
if (ask.jobs or budget) and size >= math.min(ask.jobs and ask.jobs.max or 1000, 1000) then return refused('jobs', 5000) end
if budget then
  day = math.floor(now / budget.windowMs)
  if day == account.spent.window then sum = account.spent.sum end
  if sum + budget.cost > budget.max then return refused('spending', budget.windowMs - now % budget.windowMs) end
end
if rate then account.requests = { window = window, count = count + 1, before = before } end
if budget then account.spent = { window = day, sum = sum + budget.cost } end
if ask.jobs or budget then
  account.open[ask.ticket] = {
    cost = budget and budget.cost or 0, unit = budget and budget.unit or 0, window = day, ['until'] = now + ask.leaseMs }
end
keep()
if ask.once then
  redis.call('SET', KEYS[2], cjson.encode({ digest = ask.once.digest }), 'PX', string.format('%d', ask.once.keepMs))
end
return '{"kind":"ok"}'
`;

const SETTLE = `${BEGIN}
local id = ask.ticket
if not id then
  for other, entry in pairs(account.open) do if entry.job == ask.job then id = other end end
end
local entry = id and account.open[id]
if entry then
  local cost = entry.cost
  if ask.free then cost = 0 elseif ask.units then cost = math.ceil(ask.units * entry.unit) end
  if entry.window == account.spent.window then
    account.spent.sum = math.max(0, account.spent.sum + cost - entry.cost)
  end
  entry.cost = cost
  if ask.closes then account.open[id] = nil else entry['until'] = now + ask.leaseMs; entry.job = ask.became end
  keep()
end
if record then
  if ask.free then redis.call('DEL', KEYS[2])
  else record.answer = ask.answer; redis.call('SET', KEYS[2], cjson.encode(record), 'KEEPTTL') end
end
return 'null'
`;

/** Accounts that nobody has used for this long are forgotten. It is longer than any window that is worth a limit. */
const FORGET_MS = 35 * 24 * 3600 * 1000;

export interface RedisOptions {
  url: string;
  token: string;
  /**
   * The prefix of all keys.
   *
   * @default "fal:"
   */
  prefix?: string;
  fetch?: (url: any, init?: any) => Promise<Response>;
  now?: () => number;
}

/** Counts in Redis over its REST protocol, as Upstash speaks it; each step is one script. */
export function redisLimits({ url, token, prefix = "fal:", fetch: own, now = Date.now }: RedisOptions): LimitStore {
  const run = async (script: string, id: string, ask: object, once: string | undefined) => {
    // The same tag in braces: a cluster keeps both keys in one place.
    const names = [`${prefix}{${id}}`, ...(once === undefined ? [] : [`${prefix}{${id}}:once:${once}`])];
    const count = String(names.length);
    const command = ["EVAL", script, count, ...names, String(now()), JSON.stringify(ask), String(FORGET_MS)];
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init: RequestInit = {
      method: "POST",
      headers,
      body: JSON.stringify(command),
      redirect: "manual",
      ...uncached(),
    };
    const answer = await (own ?? fetch)(url, init);
    const { result } = answer.ok ? ((await answer.json()) as { result?: unknown }) : {};
    if (typeof result !== "string") throw new Error(`The limits answered ${answer.status}.`);
    return JSON.parse(result);
  };
  return {
    reserve: (id, wish) => run(RESERVE, id, wish, wish.once?.key),
    settle: (id, settlement) => run(SETTLE, id, settlement, settlement.once),
  };
}
