/** Limits in Cloudflare Durable Objects: one object for each person, exact. */

import { isIdle, newAccount, recordAfter, reserve, settle } from "./ledger.ts";

import type { LimitStore } from "./types.ts";

const ACCOUNT = "account";
/** What the names of the records of idempotency keys begin with. */
const ONCE = "once:";
/** How long something is kept that is not used any more. */
const REST_MS = 24 * 3600 * 1000;

/** The class of the objects. A worker exports it, and names it in its configuration. */
export class FalLimits {
  /** @internal */
  declare readonly storage: any;
  /** What was read or written already, by its name. @internal */
  declare readonly known: Map<string, any>;

  constructor(state: any, _env?: any) {
    this.storage = state.storage;
    this.known = new Map();
  }

  async fetch(request: Request): Promise<Response> {
    const { wish, settlement } = /** @type {any} */ (await request.json());
    return Response.json((await (wish ? this.reserve(wish) : this.settle(settlement))) ?? null);
  }

  /** Reads what is not known yet; another call may have done so meanwhile. @internal @param {(string | undefined)[]} names */
  async learn(...names) {
    for (const name of names) {
      if (name === undefined || this.known.has(name)) continue;
      const value = await this.storage.get(name);
      if (!this.known.has(name)) this.known.set(name, value);
    }
  }

  /** Writes, unless it is nothing. The answer does not leave before it is written. @internal @param {string} name @param {any} [value] */
  keep(name, value) {
    this.known.set(name, value);
    return value === undefined ? this.storage.delete(name) : this.storage.put(name, value);
  }

  /** @internal @param {import("./types.ts").Reservation} wish */
  async reserve(wish) {
    const { once } = wish;
    const name = once && ONCE + once.key;
    await this.learn(ACCOUNT, name);
    // From here to the writes nothing is waited for, so nothing comes between.
    const now = Date.now();
    const account = this.known.get(ACCOUNT) ?? newAccount();
    const record = name && this.known.get(name);
    const verdict = reserve(account, record?.until > now ? record : undefined, now, wish);
    if (verdict.kind !== "ok") return verdict;
    const writes = [this.keep(ACCOUNT, account)];
    if (name) writes.push(this.keep(name, { digest: once.digest, until: now + once.keepMs }));
    await Promise.all(writes);
    if ((await this.storage.getAlarm()) === null) await this.storage.setAlarm(now + REST_MS);
    return verdict;
  }

  /** @internal @param {import("./types.ts").Settlement} settlement */
  async settle(settlement) {
    const name = settlement.once === undefined ? undefined : ONCE + settlement.once;
    await this.learn(ACCOUNT, name);
    const account = this.known.get(ACCOUNT) ?? newAccount();
    settle(account, Date.now(), settlement);
    const writes = [this.keep(ACCOUNT, account)];
    const record = name && this.known.get(name);
    const after = record && recordAfter(record, settlement);
    if (record) writes.push(this.keep(name, after && { ...record, ...after }));
    await Promise.all(writes);
  }

  /** Throws away what is past. */
  async alarm(): Promise<void> {
    const now = Date.now();
    for (const [name, { until }] of await this.storage.list({ prefix: ONCE })) {
      if (until <= now) await this.keep(name);
    }
    await this.learn(ACCOUNT);
    const left = await this.storage.list({ prefix: ONCE, limit: 1 });
    if (left.size > 0 || !isIdle(this.known.get(ACCOUNT) ?? newAccount(), now)) {
      return this.storage.setAlarm(now + REST_MS);
    }
    return this.keep(ACCOUNT);
  }
}

/** Counts in Cloudflare Durable Objects, exactly. Takes the binding of the class `FalLimits`. */
export function durableLimits(namespace: any): LimitStore {
  const call = async (/** @type {string} */ id, /** @type {object} */ body) => {
    const object = namespace.get(namespace.idFromName(id));
    const answer = await object.fetch("https://limits/", { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`The limits answered ${answer.status}.`);
    return answer.json();
  };
  return {
    reserve: (id, wish) => call(id, { wish }),
    settle: (id, settlement) => call(id, { settlement }),
  };
}
