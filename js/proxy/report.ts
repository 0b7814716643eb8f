/**
 * Telling the operator what went wrong on their side. A visitor gets a stable answer that says nothing about it; the cause
 * comes here, and nowhere else.
 */

import { OperationError } from "../errors/errors.ts";
import { failure } from "../host/server/host.ts";
import type { ProxyStep } from "./error-types.ts";
import type { ProxyOptions } from "./types.ts";

/** Tells the operator about an error, at the step at which it happened. It never throws, and nobody waits for it. */
export type Report = (error: unknown, step: ProxyStep) => void;

/** Without a callback, an error is one line of the log, and the error itself. */
const log = (error: unknown, step: ProxyStep): void =>
  console.error(`fal-wasm: the proxy failed at \`${step}\`. Pass \`onError\` to handle this yourself.`, error);

/** How errors of this call reach the operator. */
export function reporter(
  { onError }: ProxyOptions,
  request: Request,
  inBackground: (work: () => unknown) => void,
): Report {
  return (thrown, step) => {
    const error = thrown instanceof OperationError ? failure(thrown.kind, thrown) : thrown;
    if (typeof onError !== "function") return log(error, step);
    inBackground(async () => {
      try {
        await onError(error, { step, request });
      } catch (another) {
        // Neither of the two is lost.
        log(error, step);
        log(another, "onError");
      }
    });
  };
}
