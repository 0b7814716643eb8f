/** Taking what a call needs, from its visitor's account and from that of the whole app. The core decides (src/limits/taking.rs). */

import { beginTaking, takingEvent } from "#core";
import { callCore } from "../core/call-core.ts";
import { stepOf } from "../core/step.ts";
import { TakingEvent, TakingStep } from "../core/wire.ts";
import { TOTAL, asked } from "./ask-store.ts";
import type { LimitedCall } from "./limited-call.ts";
import { namedJobs } from "./named-jobs.ts";
import type { KeptAnswer, LimitStore, Limits, Reservation, Verdict } from "./types.ts";

/** What a call needs. */
export interface Needs {
  /** Of its visitor's account. */
  own: Reservation;
  /** Of what the whole app may use, where that is limited. */
  all?: Reservation | undefined;
  /** Makes a wish for more than its visitor's account has, so that it names jobs to ask about; where those can cost less than was thought. */
  tooMuch?: (() => Reservation) | undefined;
}

/** What came of it. `at` is when it was taken from what the whole app may use; a `verdict` is the one that said no. */
export type Took =
  | { kind: "taken"; at?: number | undefined }
  | { kind: "replay"; answer: KeptAnswer }
  | { kind: "no"; verdict: Verdict | undefined };

/** Takes all of it, or nothing. */
export async function take(
  limits: Limits,
  call: LimitedCall,
  store: LimitStore,
  { own, all, tooMuch }: Needs,
): Promise<Took> {
  const person = call.principal.id;
  /** What the accounts said last, but for the one that was only to name jobs. */
  let said: Verdict | undefined;
  const named = namedJobs(limits, call, store);
  const ask = async (account: string, wish: Reservation | undefined): Promise<Verdict | undefined> =>
    wish && named.reserve(account, wish);
  const from = async (account: string, wish: Reservation | undefined): Promise<TakingEvent> =>
    eventOf((said = await ask(account, wish)));
  let word = callCore(() => beginTaking(all !== undefined, tooMuch !== undefined));
  for (;;) {
    let event = TakingEvent.Ok;
    switch (stepOf(word) as TakingStep) {
      case TakingStep.Take:
        event = await from(person, own);
        break;
      case TakingStep.TakeAsked:
      case TakingStep.TakeAskedAgain:
        event = await from(person, { ...own, asked: named.about });
        break;
      case TakingStep.TakeOfAll:
      case TakingStep.TakeOfAllAsked:
        event = await from(TOTAL, all);
        break;
      case TakingStep.FindJobs:
        event = eventOf(await ask(person, tooMuch?.()));
        break;
      case TakingStep.Ask:
      case TakingStep.AskForAll:
        await named.settle();
        break;
      case TakingStep.GiveBack: {
        const { ticket, once } = own;
        await asked(call, () => store.settle(person, { ticket, ...(once && { once: once.key }), outcome: "free" }));
        break;
      }
      case TakingStep.Taken:
        return { kind: "taken", at: all && said?.kind === "ok" ? said.at : undefined };
      case TakingStep.Replay:
        if (said?.kind === "replay") return { kind: "replay", answer: said.answer };
        return { kind: "no", verdict: undefined };
      case TakingStep.Refused:
        return { kind: "no", verdict: said };
    }
    word = callCore(() => takingEvent(word, event));
  }
}

/** What an account has said, undefined when nobody knows, to the machine. */
function eventOf(verdict: Verdict | undefined): TakingEvent {
  switch (verdict?.kind) {
    case "ok":
      return TakingEvent.Ok;
    case "question":
      return TakingEvent.Question;
    case "replay":
      return TakingEvent.Replay;
    case "refused":
      return verdict.limit === "spending" ? TakingEvent.Spent : TakingEvent.No;
    default:
      return TakingEvent.No;
  }
}
