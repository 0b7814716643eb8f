/** Limits in Cloudflare Durable Objects: one object for each person, exact. */

import type { Account, KeyRecord } from "./ledger.ts";
import { isIdle, newAccount, recordAfter, reserve, settle } from "./ledger.ts";
import type { LimitStore, Reservation, Settlement, Verdict } from "./types.ts";

const ACCOUNT = "account";
/** The prefix of the records of idempotency keys. */
const ONCE = "once:";
/** How long something is kept that is no longer used. */
const RETENTION_MS = 24 * 3600 * 1000;

type Record_ = KeyRecord & { until: number };

/** What is used of the storage of a Durable Object. */
interface Storage {
  get(name: string): Promise<unknown>;
  put(name: string, value: unknown): Promise<void>;
  delete(name: string): Promise<unknown>;
  list(options: { prefix: string; limit?: number }): Promise<Map<string, unknown>>;
  getAlarm(): Promise<number | null>;
  setAlarm(time: number): Promise<void>;
}

/** The class of the Durable Objects: export it from the worker, and name it in the worker's configuration. */
export class FalLimits {
  readonly #storage: Storage;
  /** What was read or written already, by its name. */
  readonly #known = new Map<string, unknown>();

  constructor(state: any, _env?: any) {
    this.#storage = state.storage;
  }

  async fetch(request: Request): Promise<Response> {
    const { wish, settlement } = (await request.json()) as { wish: Reservation } & { settlement: Settlement };
    return Response.json((await (wish ? this.#reserve(wish) : this.#settle(settlement))) ?? null);
  }

  /** Reads what is not known yet; another call may have done so meanwhile. */
  async #learn(...names: (string | undefined)[]): Promise<void> {
    for (const name of names) {
      if (name === undefined || this.#known.has(name)) continue;
      const value = await this.#storage.get(name);
      if (!this.#known.has(name)) this.#known.set(name, value);
    }
  }

  #account(): Account {
    return (this.#known.get(ACCOUNT) as Account | undefined) ?? newAccount();
  }

  #record(name: string | undefined): Record_ | undefined {
    return name === undefined ? undefined : (this.#known.get(name) as Record_ | undefined);
  }

  /** Writes a value; deletes it when it is undefined. An answer is not sent before it is written. */
  #write(name: string, value?: unknown): Promise<unknown> {
    this.#known.set(name, value);
    return value === undefined ? this.#storage.delete(name) : this.#storage.put(name, value);
  }

  async #reserve(wish: Reservation): Promise<Verdict> {
    const { once } = wish;
    const name = once && ONCE + once.key;
    await this.#learn(ACCOUNT, name);
    // There is no await from here to the writes, so no other call comes between.
    const now = Date.now();
    const account = this.#account();
    const record = this.#record(name);
    const verdict = reserve(account, record && record.until > now ? record : undefined, now, wish);
    if (verdict.kind !== "ok") return verdict;
    const writes = [this.#write(ACCOUNT, account)];
    if (once) writes.push(this.#write(ONCE + once.key, { digest: once.digest, until: now + once.keepMs }));
    await Promise.all(writes);
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(now + RETENTION_MS);
    return verdict;
  }

  async #settle(settlement: Settlement): Promise<void> {
    const name = settlement.once === undefined ? undefined : ONCE + settlement.once;
    await this.#learn(ACCOUNT, name);
    const account = this.#account();
    settle(account, Date.now(), settlement);
    const writes = [this.#write(ACCOUNT, account)];
    const record = this.#record(name);
    if (record && name !== undefined) writes.push(this.#write(name, recordAfter(record, settlement)));
    await Promise.all(writes);
  }

  /** Deletes what has expired. */
  async alarm(): Promise<void> {
    const now = Date.now();
    for (const [name, record] of await this.#storage.list({ prefix: ONCE })) {
      if ((record as Record_).until <= now) await this.#write(name);
    }
    await this.#learn(ACCOUNT);
    const left = await this.#storage.list({ prefix: ONCE, limit: 1 });
    if (left.size > 0 || !isIdle(this.#account(), now)) await this.#storage.setAlarm(now + RETENTION_MS);
    else await this.#write(ACCOUNT);
  }
}

/** Counts in Cloudflare Durable Objects, exactly. Takes the binding of the class `FalLimits`. */
export function durableLimits(namespace: any): LimitStore {
  if (typeof namespace?.idFromName !== "function") {
    throw new TypeError(
      "durableLimits() takes the binding of the Durable Object class FalLimits, and was given none. Is it in the worker's configuration?",
    );
  }
  const call = async (id: string, body: object) => {
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
