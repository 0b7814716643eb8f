/** What the runtimes say when a request failed. */

import { FailureKind } from "../../core/wire.ts";

/** No connection was made, so nothing was sent: codes of Node and Bun, words of Deno and workerd. A browser does not tell. */
const NOT_CONNECTED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket|\(Connect\)|tcp connect|dns error|connection refused/i;

/**
 * The connection failed, and nobody knows when: codes, then the words of Chromium, Firefox, WebKit, React Native, Node,
 * Deno, workerd, Bun.
 */
const LOST =
  /ECONN(RESET|ABORTED)|EPIPE|ETIMEDOUT|UND_ERR_|ConnectionClosed|failed to fetch|network ?error|load failed|offline|network request (failed|timed out)|fetch failed|terminated|error sending request|network connection (was )?lost|socket connection was closed/i;

/** The kind of a failure of the network, by its codes and words. */
export const networkFailure = (said: string): FailureKind | undefined =>
  NOT_CONNECTED.test(said) ? FailureKind.Unreachable : LOST.test(said) ? FailureKind.ConnectionLost : undefined;
