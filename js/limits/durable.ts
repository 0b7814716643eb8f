/** Limits in Cloudflare Durable Objects: one object for each person, exact. */

import { KeyAfter } from "../core/wire.ts";
import { type KeyRecord, type Kept, correctIn, isIdle, reserveIn, settleIn } from "./account.ts";
import type { Correction, KeptAnswer, LimitStore, Reservation, Settled, Settlement, Verdict } from "./types.ts";

const ACCOUNT = "account 1";
/** The prefixes of the records of idempotency keys, and of the answers to them. */
const ONCE = "once:";
const ANSWER = "answer:";
/** How long something is kept that is no longer used. */
const RETENTION_MS = 24 * 3600 * 1000;
/** How many records an alarm reads at a time: as many as can be deleted at once. */
const PAGE = 128;

/** What is used of the storage of a Durable Object. */
interface Storage {
  get(name: string): Promise<unknown>;
  put(entries: Record<string, unknown>): Promise<void>;
  delete(names: string[]): Promise<unknown>;
  list(options: { prefix: string; limit: number; startAfter?: string }): Promise<Map<string, unknown>>;
  getAlarm(): Promise<number | null>;
  setAlarm(time: number): Promise<void>;
}

/** What an object is asked to do: one of these. */
interface Step {
  wish?: Reservation;
  settlement?: Settlement;
  correction?: Correction;
}

/** The class of the Durable Objects: export it from the worker, and name it in the worker's configuration. */
export class FalLimits {
  readonly #storage: Storage;
  /** The account, once it was read. Records and answers stay in the storage: there may be many. */
  #account: Kept;
  #isRead = false;
  /** What is done now: one step after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(state: any, _env?: any) {
    this.#storage = state.storage;
  }

  async fetch(request: Request): Promise<Response> {
    const { wish, settlement, correction } = (await request.json()) as Step;
    return Response.json(
      await this.#inTurn<Verdict | Settled>(async () => {
        if (wish) return this.#reserve(wish);
        if (settlement) return this.#settle(settlement);
        await this.#write(correctIn(await this.#read(), Date.now(), correction ?? {}));
        return {};
      }),
    );
  }

  /** Deletes what has expired. */
  alarm(): Promise<void> {
    return this.#inTurn(() => this.#clean());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #read(): Promise<Kept> {
    if (!this.#isRead) this.#account = (await this.#storage.get(ACCOUNT)) as Kept;
    this.#isRead = true;
    return this.#account;
  }

  async #record(key: string | undefined): Promise<KeyRecord | undefined> {
    return key === undefined ? undefined : ((await this.#storage.get(ONCE + key)) as KeyRecord | undefined);
  }

  /** Writes the account, with what else has changed. An answer is not sent before it is written. */
  async #write(kept: Uint8Array, more?: Record<string, unknown>): Promise<void> {
    this.#account = kept;
    await this.#storage.put({ [ACCOUNT]: kept, ...more });
  }

  async #reserve(wish: Reservation): Promise<Verdict> {
    const { once, ticket } = wish;
    const record = await this.#record(once?.key);
    const { kept, verdict, now } = reserveIn(await this.#read(), record, Date.now(), wish);
    // What a refusal changes is only what time it is.
    if (verdict.kind === "ok" || verdict.kind === "question" || verdict.kind === "alarm") {
      const isNew = once && verdict.kind === "ok";
      const fresh: KeyRecord | undefined = isNew
        ? { ticket, digest: once.digest, until: now + once.keepMs, answered: false }
        : undefined;
      await this.#write(kept, fresh && { [ONCE + once?.key]: fresh });
      if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(Date.now() + RETENTION_MS);
    }
    this.#account = kept;
    if (verdict.kind !== "replay") return verdict;
    const answer = (await this.#storage.get(ANSWER + once?.key)) as KeptAnswer | undefined;
    return answer ? { kind: "replay", answer } : { kind: "pending" };
  }

  async #settle(settlement: Settlement): Promise<Settled> {
    const { once, answer } = settlement;
    const record = await this.#record(once);
    const { kept, settled, after } = settleIn(await this.#read(), record, Date.now(), settlement);
    const answered = after === KeyAfter.Answered && record && answer;
    await this.#write(
      kept,
      answered ? { [ONCE + once]: { ...record, answered: true }, [ANSWER + once]: answer } : undefined,
    );
    if (after === KeyAfter.Forgotten) await this.#storage.delete([ONCE + once]);
    return settled;
  }

  async #clean(): Promise<void> {
    const now = Date.now();
    let isEmpty = true;
    let last: string | undefined;
    do {
      const page = await this.#storage.list({
        prefix: ONCE,
        limit: PAGE,
        ...(last !== undefined && { startAfter: last }),
      });
      const names = [...page.keys()];
      const old = names.filter((name) => ((page.get(name) as KeyRecord).until ?? 0) <= now);
      if (old.length > 0) {
        await this.#storage.delete(old);
        await this.#storage.delete(old.map((name) => ANSWER + name.slice(ONCE.length)));
      }
      isEmpty &&= old.length === names.length;
      last = names.length === PAGE ? names.at(-1) : undefined;
    } while (last !== undefined);
    if (!isEmpty || !isIdle(await this.#read(), now)) await this.#storage.setAlarm(now + RETENTION_MS);
    else {
      await this.#storage.delete([ACCOUNT]);
      this.#account = undefined;
    }
  }
}

/** Counts in Cloudflare Durable Objects, exactly. Takes the binding of the class `FalLimits`. */
export function durableLimits(namespace: any): LimitStore {
  if (typeof namespace?.idFromName !== "function") {
    throw new TypeError(
      "durableLimits() takes the binding of the Durable Object class FalLimits, and was given none. Is it in the worker's configuration?",
    );
  }
  const call = async (id: string, body: Step) => {
    const object = namespace.get(namespace.idFromName(id));
    const answer = await object.fetch("https://limits/", { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`The limits answered ${answer.status}.`);
    return answer.json();
  };
  return {
    reserve: (id, wish) => call(id, { wish }),
    settle: (id, settlement) => call(id, { settlement }),
    correct: async (id, correction) => void (await call(id, { correction })),
  };
}
