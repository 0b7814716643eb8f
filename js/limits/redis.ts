/**
 * Limits in Redis, over the REST protocol of Upstash: exact, because each step is one script that Redis runs atomically, by
 * its own clock. The scripts do what the core does (src/limits), in the same order.
 */

import { uncached } from "../io/uncached.ts";
import { INTERNAL_LIMITS } from "./bounds.ts";
import type { LimitStore } from "./types.ts";

const { MAX_OPEN, MAX_QUESTIONS, ASK_EVERY_MS, LONGEST_WAIT_MS, JOB_KEPT_MS, MAX_KEYS, MAX_KEPT_BYTES, DAY_MS } =
  INTERNAL_LIMITS;

/** The beginning of both scripts: the account, and the record of the idempotency key if there is one. */
const BEGIN = `
local ask, clock = cjson.decode(ARGV[2]), tonumber(ARGV[1])
if not clock then
  local time = redis.call('TIME')
  clock = time[1] * 1000 + math.floor(time[2] / 1000)
end
local text, known = redis.call('GET', KEYS[1]), KEYS[2] and redis.call('GET', KEYS[2])
local function window() return { start = 0, count = 0, before = 0 } end
local a = text and cjson.decode(text) or { now = 0, requests = window(), keys = window(), kept = window(),
  spent = { start = 0, sum = 0 }, pace = { start = 0, sum = 0 }, stopped = false, open = {} }
local record = known and cjson.decode(known)
local now = math.max(a.now, clock)
a.now = now
local function keep()
  local said = cjson.encode(a)
  if a.stopped then redis.call('SET', KEYS[1], said) else redis.call('SET', KEYS[1], said, 'PX', ARGV[3]) end
end
local function at(w, length)
  local start = now - now % length
  if start <= w.start then return { start = w.start, count = w.count, before = w.before } end
  if start == w.start + length then return { start = start, count = 0, before = w.count } end
  return { start = start, count = 0, before = 0 }
end
`;

const RESERVE = `${BEGIN}
local open, places, mine = {}, 0, nil
for _, entry in ipairs(a.open) do
  if entry['until'] > now then
    open[#open + 1] = entry
    if entry.place then places = places + 1 end
    if entry.ticket == ask.ticket then mine = mine or entry end
  end
end
a.open = open
local function say(verdict) keep() return cjson.encode(verdict) end
if ask.once and record and record['until'] > now then
  if record.digest ~= ask.once.digest then return say({ kind = 'reused' }) end
  if record.answer then return say({ kind = 'replay', answer = record.answer }) end
  return say({ kind = 'pending' })
end
local function ok()
  if ask.once then
    redis.call('SET', KEYS[2], cjson.encode({ ticket = ask.ticket, digest = ask.once.digest,
      ['until'] = now + ask.once.keepMs }), 'PX', string.format('%d', ask.once.keepMs))
  end
  return say({ kind = 'ok', at = now })
end
if mine then
  if not mine.job then mine['until'] = now + ask.leaseMs end
  return ok()
end
local function refused(limit, wait) return say({ kind = 'refused', limit = limit, retryAfterMs = wait }) end
if a.stopped then return refused('stopped') end
local function full(w, max, length)
  local left = math.max(0, w.start + length - now)
  if w.count + w.before * left / length < max then return nil end
  local wait = left - length * (max - w.count) / w.before
  if w.count >= max then wait = left + length * (1 - max / w.count) end
  return math.floor(math.max(0, wait)) + 1
end
local function question(about, wanted)
  for _, asked in ipairs(ask.asked or {}) do if asked == about then return nil end end
  local due = {}
  for place, entry in ipairs(open) do
    if entry.job and entry.asked + ${ASK_EVERY_MS} <= now and wanted(entry) then due[#due + 1] = { entry, place } end
  end
  if #due == 0 then return nil end
  table.sort(due, function(one, other)
    if one[1].asked ~= other[1].asked then return one[1].asked < other[1].asked end
    return one[2] < other[2]
  end)
  local jobs = {}
  for n = 1, math.min(#due, ${MAX_QUESTIONS}) do
    due[n][1].asked = now
    jobs[n] = due[n][1].job
  end
  return say({ kind = 'question', about = about, jobs = jobs })
end
local requests = ask.requests and at(a.requests, ask.requests.windowMs)
local wait = requests and full(requests, ask.requests.max, ask.requests.windowMs)
if wait then return refused('requests', wait) end
local keys = ask.once and at(a.keys, ask.once.keepMs)
wait = keys and full(keys, ${MAX_KEYS}, ask.once.keepMs)
if wait then return refused('requests', wait) end
local budget = ask.spending
local kept = not ask.countedOnly and (ask.jobs or budget)
if (ask.jobs and places >= ask.jobs.max) or (kept and #open >= ${MAX_OPEN}) then
  local asks = question('jobs', function(entry) return entry.place end)
  if asks then return asks end
  for _, entry in ipairs(open) do
    if entry.place then
      local half = math.max(${ASK_EVERY_MS}, math.min(${LONGEST_WAIT_MS}, math.floor((now - entry.since) / 2)))
      wait = math.min(wait or half, half, math.max(1, entry['until'] - now))
    end
  end
  return refused('jobs', wait or ${ASK_EVERY_MS})
end
local start, sum = 0, 0
if budget then
  start, sum = now - now % budget.windowMs, 0
  if start <= a.spent.start then start, sum = a.spent.start, a.spent.sum end
  if sum + budget.cost > budget.max then
    if budget.cost > budget.max then return refused('spending') end
    local asks = question('spending', function(entry) return entry.cost > 0 and entry.start == start end)
    if asks then return asks end
    return refused('spending', math.max(1, start + budget.windowMs - now))
  end
end
if ask.alarm then
  local pace = { start = now - now % ask.alarm.windowMs, sum = 0 }
  if pace.start <= a.pace.start then pace = a.pace end
  local cost = budget and budget.cost or 0
  if pace.sum + cost > ask.alarm.max then
    a.stopped = true
    return say({ kind = 'alarm' })
  end
  a.pace = { start = pace.start, sum = pace.sum + cost }
end
if requests then requests.count = requests.count + 1; a.requests = requests end
if keys then keys.count = keys.count + 1; a.keys = keys end
if budget then a.spent = { start = start, sum = sum + budget.cost } end
if kept then
  open[#open + 1] = { ticket = ask.ticket, cost = budget and budget.cost or 0, unit = budget and budget.unit or 0,
    start = start, place = ask.jobs ~= nil, since = now, asked = 0, ['until'] = now + ask.leaseMs }
end
return ok()
`;

const SETTLE = `${BEGIN}
local place
for n, entry in ipairs(a.open) do
  if not place and ((ask.ticket and entry.ticket == ask.ticket) or
    (not ask.ticket and entry.job and entry.job.id == ask.job)) then place = n end
end
local size = record and ask.ticket and ask.answer and #ask.answer.body or 0
local window = at(a.kept, ${DAY_MS})
local keeps = window.count + window.before + size <= ${MAX_KEPT_BYTES}
if keeps and size > 0 then window.count = window.count + size; a.kept = window end
local said = {}
local entry = place and a.open[place]
if entry then
  if ask.ticket and ask.total then entry.total = ask.total end
  local cost, over, outcome = entry.cost, false, ask.outcome
  if outcome == 'charged' then
    over = true
    if ask.units then cost = math.min(math.ceil(ask.units * entry.unit), 9007199254740991) end
  elseif outcome == 'free' then cost, over = 0, true
  elseif outcome == 'began' then
    if ask.ticket and ask.became then
      entry.job = ask.became
      entry['until'] = math.max(entry['until'], now + ${JOB_KEPT_MS})
    end
  elseif outcome == 'cancelled' then entry.asked = 0
  elseif outcome == 'released' then entry.place = false; over = cost == 0 end
  if entry.start == a.spent.start then a.spent.sum = math.max(0, a.spent.sum - entry.cost) + cost end
  said = { reserved = entry.cost, cost = cost, total = entry.total }
  entry.cost = cost
  if over then table.remove(a.open, place) end
end
keep()
if record and record.ticket == ask.ticket then
  if ask.outcome == 'free' then redis.call('DEL', KEYS[2])
  elseif size > 0 and keeps and ask.outcome ~= 'lost' then
    record.answer = ask.answer
    redis.call('SET', KEYS[2], cjson.encode(record), 'KEEPTTL')
  end
end
return cjson.encode(said)
`;

const CORRECT = `${BEGIN}
if ask.at then
  local reserved, cost = ask.reserved or 0, ask.cost or 0
  for _, money in ipairs({ a.spent, a.pace }) do
    if ask.at >= money.start then money.sum = math.max(0, money.sum - reserved) + cost end
  end
end
if ask.stopped ~= nil then a.stopped = ask.stopped end
keep()
return '{}'
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
  /**
   * For tests: what time it is, in milliseconds since 1970.
   *
   * @default the clock of Redis, which is the same for every server
   */
  now?: () => number;
}

/** Counts in Redis over its REST protocol, as Upstash speaks it; each step is one script. */
export function redisLimits({ url, token, prefix = "fal:", fetch: own, now }: RedisOptions): LimitStore {
  const run = async (script: string, id: string, ask: object, once: string | undefined) => {
    // The same tag in braces: a cluster keeps both keys in one place.
    const names = [`${prefix}{${id}}`, ...(once === undefined ? [] : [`${prefix}{${id}}:once:${once}`])];
    const time = now ? String(now()) : "";
    const command = ["EVAL", script, String(names.length), ...names, time, JSON.stringify(ask), String(FORGET_MS)];
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
    correct: async (id, correction) => void (await run(CORRECT, id, correction, undefined)),
  };
}
