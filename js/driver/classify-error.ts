/**
 * What it means that a request, or the body of an answer, failed. Every runtime has words of its own for it; no standard
 * says more than "TypeError".
 */

import { FailureKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";

/** No connection was made, so nothing was sent: codes of Node and Bun, words of Deno and workerd. A browser does not tell. */
const NOT_CONNECTED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket|\(Connect\)|tcp connect|dns error|connection refused/i;

/**
 * The connection failed, and nobody knows when: codes, then the words of Chromium, Firefox, WebKit, React Native, Node,
 * Deno, workerd, Bun.
 */
const LOST =
  /ECONN(RESET|ABORTED)|EPIPE|ETIMEDOUT|UND_ERR_|ConnectionClosed|failed to fetch|network ?error|load failed|offline|network request (failed|timed out)|fetch failed|terminated|error sending request|network connection (was )?lost|socket connection was closed/i;

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
  const { code: ownCode, name: ownName } = (error ?? {}) as Thrown;
  if (ownCode === "credentials_in_browser") return FailureKind.CredentialsInBrowser;
  const chain = causes(error);
  // A limit that a caller's `fetch` set itself is no trouble of the network.
  if (chain.some(({ name }) => name === "AbortError" || name === "TimeoutError")) return FailureKind.FetchFailed;
  const said = chain.map(({ code, message }) => `${code} ${message}`).join();
  if (NOT_CONNECTED.test(said)) return FailureKind.Unreachable;
  return LOST.test(said) || (!own && ownName === "TypeError") ? FailureKind.ConnectionLost : FailureKind.FetchFailed;
}

/** What it means that a body could not be read. */
export const classifyBodyError = (error: unknown): number =>
  error instanceof OperationError
    ? error.kind
    : (error as Thrown | undefined)?.name === "SyntaxError"
      ? FailureKind.AnswerInvalid
      : FailureKind.ConnectionLost;
