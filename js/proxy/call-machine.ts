/**
 * How a call goes on: with which key it is sent, whether it is sent again, and what becomes of what was taken from the limits. The core
 * decides (src/proxy/call.rs), and is told what happened.
 */

import { beginCall, beginSessionCall, callEvent } from "#core";
import { callCore } from "../core/call-core.ts";
import { stepOf } from "../core/step.ts";
import { CallEventKind, type CallStep, type LimitOutcome } from "../core/wire.ts";
import { answerMeans } from "../limits/settle.ts";
import { Refusal } from "./refusals.ts";

/** One call. What is kept of it is a number: an instance of the core that fails takes nothing of it along. */
export class CallMachine {
  #word: number;
  readonly #isLimited: boolean;

  /** Begins one of which nothing is sent yet. Where nothing is limited, what fal says about money is not looked at. */
  constructor(word: number, isLimited: boolean) {
    this.#word = word;
    this.#isLimited = isLimited;
  }

  /** What comes next. */
  get step(): CallStep {
    return stepOf(this.#word);
  }

  /** What becomes of what was taken. */
  get outcome(): LimitOutcome {
    return (this.#word >> 4) & 7;
  }

  /** Tells it that something was found or done. */
  on(event: CallEventKind.KeyFound | CallEventKind.NoOtherKey | CallEventKind.Done): void {
    this.#tell(event);
  }

  /** Tells it what fal has answered. */
  answered({ status, headers }: Response): void {
    this.#tell(CallEventKind.Answered, status, this.#isLimited ? headers : undefined);
  }

  /** Tells it what went wrong. */
  failed(error: unknown): void {
    this.#tell(CallEventKind.Failed, 0, undefined, error instanceof Refusal ? error.number : undefined);
  }

  #tell(event: CallEventKind, status = 0, headers?: Headers, refusal = -1): void {
    const { units, isNamed, isLater } = answerMeans(headers);
    this.#word = callCore(() => callEvent(this.#word, event, status, units, isNamed, isLater, refusal));
  }
}

/** A call of this kind of route, whose body can or cannot be sent a second time. */
export const machineOf = (routeKind: number, isResendable: boolean, isLimited: boolean): CallMachine =>
  new CallMachine(
    callCore(() => beginCall(routeKind, isResendable)),
    isLimited,
  );

/** A call that opens a session. */
export const sessionMachine = (): CallMachine => new CallMachine(callCore(beginSessionCall), true);
