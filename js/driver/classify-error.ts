/**
 * What it means that a request, or the body of an answer, failed. Every runtime has words of its own for it
 * (`#host/fetch-errors.ts`); no standard says more than "TypeError".
 */

import { FailureKind } from "../core/wire.ts";
import { networkFailure } from "#host/fetch-errors.ts";
import { OperationError } from "../errors/errors.ts";

/** How many causes are looked at: a library's error may wrap the runtime's. */
const MAX_CAUSES = 4;

/** What an error may have. Anything can be thrown, so nothing of it can be relied on. */
interface Thrown {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  cause?: unknown;
}

/** An error and its causes. */
const causes = (error: unknown, left = MAX_CAUSES): Thrown[] =>
  error && left > 0 ? [error, ...causes((error as Thrown).cause, left - 1)] : [];

/** The kind of a failure, by what `fetch` threw. `own` is the caller's own `fetch`, if any, which may throw anything. */
export function classifyFetchError(error: unknown, own: unknown): number {
  if (error instanceof OperationError) return error.kind;
  const chain = causes(error);
  const [first] = chain;
  if (first?.code === "credentials_in_browser") return FailureKind.CredentialsInBrowser;
  // A limit that a caller's `fetch` set itself is no trouble of the network.
  if (chain.some(({ name }) => name === "AbortError" || name === "TimeoutError")) return FailureKind.FetchFailed;
  const said = chain.map(({ code, message }) => `${code} ${message}`).join();
  const usual = !own && first?.name === "TypeError" ? FailureKind.ConnectionLost : FailureKind.FetchFailed;
  return networkFailure(said) ?? usual;
}

/** What it means that a body could not be read. */
export const classifyBodyError = (error: unknown): number =>
  error instanceof OperationError
    ? error.kind
    : (error as Thrown | undefined)?.name === "SyntaxError"
      ? FailureKind.AnswerInvalid
      : FailureKind.ConnectionLost;
