/** Functions of the app's, asked in front of a call: they may fail, and they may not answer at all. */

import { withTimeout } from "../io/timeout.ts";
import type { ProxyCall } from "./call.ts";
import type { ProxyStep } from "./error-types.ts";
import { Refusal } from "./refusals.ts";

/** How long a function of the app's may take. */
const APP_TIMEOUT_MS = 10_000;

/** Asks the app. A throw, and no answer in time, are told to the operator and end the call with this refusal. */
export async function askApp<T>(
  call: ProxyCall,
  step: ProxyStep,
  refusal: number,
  ask: () => T | PromiseLike<T>,
): Promise<T> {
  try {
    const answer = ask();
    // A timer for an answer that is already there would cost every call.
    if (typeof (answer as PromiseLike<T> | undefined)?.then !== "function") return answer as T;
    return await withTimeout(answer, APP_TIMEOUT_MS, () => {
      throw new Error(`\`${step}\` did not answer within ${APP_TIMEOUT_MS / 1000} seconds.`);
    });
  } catch (error) {
    call.report(error, step);
    throw new Refusal(refusal);
  }
}
