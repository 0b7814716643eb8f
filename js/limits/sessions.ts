/**
 * Sessions with world models, in the accounts of limits. The price of the longest session is reserved from its visitor's budget and
 * that of the whole app before it is opened, and settled when its page says that it is over. Its place is taken for a short while
 * and anew with heartbeats: of a page that is gone it is free again without anybody saying so.
 */

import { beginHolding, holdingEvent } from "#core";
import { callCore } from "../core/call-core.ts";
import { stepOf } from "../core/step.ts";
import { HoldingEvent, HoldingStep, LimitOutcome, SessionSeconds } from "../core/wire.ts";
import { TOTAL, asked as ask, storeOf } from "./ask-store.ts";
import type { LimitedCall, Refused } from "./limited-call.ts";
import type { SessionRules } from "./session-types.ts";
import { budgetOf, moreThanThereIs, ofAll, rateOf, refusedBy, soundAlarm } from "./limits.ts";
import { namedJobs } from "./named-jobs.ts";
import { MILLION, settle } from "./settle.ts";
import type { LimitStore, Limits, Reservation, Verdict } from "./types.ts";

/** What a session holds: by its ticket, for so many seconds; without an age it was never opened. */
export interface SessionHold {
  ticket: string;
  age: number | undefined;
}

/** The account of a visitor's places: sessions and jobs do not take each other's. */
const placesOf = ({ principal }: LimitedCall): string => `sessions of ${principal.id}`;

type Wants = { max?: number | undefined; price?: number | undefined };

/** How a question about a session ended: whether it has what it needs, and what said no. */
interface Held {
  isHeld: boolean;
  verdict: Verdict | undefined;
}

/** Does what the core wants of the accounts (src/limits/holding.rs), until the session has what it needs, or has not. */
async function hold(
  call: LimitedCall,
  store: LimitStore,
  limits: Limits,
  keeps: boolean,
  { max, price }: Wants,
  { ticket, maxSeconds = 0 }: { ticket: string; maxSeconds?: number },
): Promise<Held> {
  const { requests, spending, total } = limits;
  const { id } = call.principal;
  const estimate =
    price === undefined ? undefined : { cost: Math.ceil(price * maxSeconds * MILLION), unit: price * MILLION };
  /** What said no. */
  let verdict: Verdict | undefined;
  let totalAt: number | undefined;
  const named = namedJobs(limits, call, store);
  const take = async (account: string, wish: Reservation): Promise<HoldingEvent> =>
    eventOf((verdict = await named.reserve(account, wish)));
  const own: Reservation = {
    ticket,
    leaseMs: (maxSeconds + SessionSeconds.Lease) * 1000,
    ...(requests && { requests: rateOf(requests) }),
    ...(spending && estimate && { spending: { ...estimate, ...budgetOf(spending) } }),
  };
  const place = (seconds: number) =>
    take(placesOf(call), { ticket, leaseMs: seconds * 1000, jobs: { max: max ?? 0 }, asked: ["jobs"] });
  const note = async (): Promise<HoldingEvent> => {
    const counted = totalAt === undefined ? {} : { total: totalAt };
    const settled = await ask(call, () => store.settle(id, { ticket, outcome: "lost", ...counted }));
    if (!settled) return HoldingEvent.Unknown;
    return settled.reserved === undefined ? HoldingEvent.No : HoldingEvent.Ok;
  };
  let word = callCore(() =>
    beginHolding(keeps, max !== undefined, price !== undefined && spending !== undefined, total !== undefined),
  );
  for (;;) {
    let event = HoldingEvent.Ok;
    switch (stepOf(word) as HoldingStep) {
      case HoldingStep.TakePlace:
        event = await place(SessionSeconds.FirstPlace);
        break;
      case HoldingStep.KeepPlace:
        event = await place(SessionSeconds.Place);
        break;
      case HoldingStep.Take:
        event = await take(id, own);
        break;
      case HoldingStep.TakeAsked:
        event = await take(id, { ...own, asked: ["jobs", "spending"] });
        break;
      case HoldingStep.FindJobs:
        event = eventOf(spending && (await named.reserve(id, moreThanThereIs(spending))));
        break;
      case HoldingStep.Ask:
      case HoldingStep.AskForAll:
        await named.settle();
        break;
      case HoldingStep.TakeOfAll:
      case HoldingStep.TakeOfAllAsked:
        if (total) event = await take(TOTAL, ofAll(total, ticket, estimate));
        totalAt = verdict?.kind === "ok" ? verdict.at : undefined;
        break;
      case HoldingStep.NoteTotal:
      case HoldingStep.LookUp:
        event = await note();
        break;
      case HoldingStep.GiveBack:
        await releaseSession(call, limits, { ticket, age: undefined });
        break;
      case HoldingStep.Held:
        if (!keeps && estimate) call.facts.reserved = estimate.cost / MILLION;
        return { isHeld: true, verdict };
      case HoldingStep.Refused:
        return { isHeld: false, verdict };
    }
    word = callCore(() => holdingEvent(word, event));
  }
}

/** What an account has said, undefined when nobody knows, to the machine. */
function eventOf(verdict: Verdict | undefined): HoldingEvent {
  switch (verdict?.kind) {
    case undefined:
      return HoldingEvent.Unknown;
    case "ok":
      return HoldingEvent.Ok;
    case "question":
      return HoldingEvent.Question;
    case "refused":
      return verdict.limit === "spending" ? HoldingEvent.Spent : HoldingEvent.No;
    default:
      return HoldingEvent.No;
  }
}

/** Takes what a session of at most so many seconds needs, all of it or nothing. */
export async function holdSession(
  call: LimitedCall,
  limits: Limits | undefined,
  { max, price }: SessionRules,
  maxSeconds: number,
): Promise<SessionHold | Refused> {
  const ticket = crypto.randomUUID();
  const held: SessionHold = { ticket, age: 0 };
  if (!limits || (max === undefined && price === undefined && !limits.requests && !limits.total)) return held;
  const store = storeOf(limits, call);
  if (!store) return { kind: "refused", why: "misconfigured" };
  const { isHeld, verdict } = await hold(call, store, limits, false, { max, price }, { ticket, maxSeconds });
  if (isHeld) return held;
  if (verdict?.kind === "alarm") soundAlarm(limits, call);
  return refusedBy(call, verdict);
}

/** Keeps a session until the next heartbeats; false when it was said to be over, or its place was lost to another. */
export async function keepSession(
  call: LimitedCall,
  limits: Limits | undefined,
  { max, price }: SessionRules,
  { ticket }: SessionHold,
): Promise<boolean> {
  const isPaid = price !== undefined && limits?.spending !== undefined;
  const store = limits && (isPaid || max !== undefined) ? storeOf(limits, call) : undefined;
  if (!store || !limits) return true;
  return (await hold(call, store, limits, true, { max, price }, { ticket })).isHeld;
}

/** Gives back what a session holds: all of it when it was never opened, else what it has not used. */
export async function releaseSession(
  call: LimitedCall,
  limits: Limits | undefined,
  { ticket, age }: SessionHold,
): Promise<void> {
  const store = limits && storeOf(limits, call);
  if (!store || !limits) return;
  await ask(call, () => store.settle(placesOf(call), { ticket, outcome: "free" }));
  const ended =
    age === undefined
      ? { outcome: "free" as const }
      : { outcome: "charged" as const, units: age + SessionSeconds.Lease };
  const settled = await ask(call, () => settle(limits, call, { ticket, ...ended }));
  if (settled?.cost !== undefined) call.facts.cost = settled.cost / MILLION;
}

/** Settles what was taken for a session by what became of its opening. One that was opened keeps what it holds. */
export async function settleOpening(
  call: LimitedCall,
  limits: Limits | undefined,
  { ticket }: SessionHold,
  outcome: LimitOutcome,
): Promise<void> {
  if (outcome === LimitOutcome.Free) await releaseSession(call, limits, { ticket, age: undefined });
  // It is open, and nobody keeps it: it ends by itself.
  if (outcome === LimitOutcome.Charged) await releaseSession(call, limits, { ticket, age: 0 });
}
