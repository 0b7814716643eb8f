/** Functions of the app's, asked in front of a call: they may fail, and they may not answer at all. */

import { withTimeout } from "../io/timeout.ts";
import type { ProxyCall } from "./call.ts";
import type { ProxyStep } from "./error-types.ts";
import { APP_FAILED, CLIENT_LEFT, Refusal } from "./refusals.ts";

/** How long a function of the app's may take. */
const APP_TIMEOUT_MS = 10_000;

const bodyRead = (step: ProxyStep): string =>
  `The body was read before it could be passed on, by \`${step}\` or by what is in front of the proxy. Read that of request.clone().`;

/**
 * Asks the app. A throw, and no answer in time, are told to the operator and end the call with this refusal; so does a body
 * that was read, which can then not be passed on. Whoever has left meanwhile is named as such. What the app says at once is there at once.
 */
export function askApp<T>(
  call: ProxyCall,
  step: ProxyStep,
  refusal: number,
  ask: () => T | PromiseLike<T>,
): T | Promise<T> {
  const wasPassedOn = call.isBodyPassedOn;
  const failed = (error: unknown): never => {
    // What followed the request's signal was ended by who has left: that is no mistake of the app's.
    if (!call.hasLeft || Object(error).name !== "AbortError") call.report(error, step);
    throw new Refusal(call.hasLeft ? CLIENT_LEFT : refusal);
  };
  const answered = (answer: unknown): T => {
    if (wasPassedOn || !call.request.bodyUsed) return answer as T;
    call.report(new TypeError(bodyRead(step)), step);
    throw new Refusal(APP_FAILED);
  };
  let answer: T | PromiseLike<T>;
  let isThere: boolean;
  try {
    answer = ask();
    isThere = typeof (answer as PromiseLike<T> | undefined)?.then !== "function";
  } catch (error) {
    return failed(error);
  }
  // A timer for an answer that is already there would cost every call.
  if (isThere) return answered(answer);
  return withTimeout(answer, APP_TIMEOUT_MS, () => {
    throw new Error(`\`${step}\` did not answer within ${APP_TIMEOUT_MS / 1000} seconds.`);
  }).then(answered, failed);
}
