/** What a browser says when a request failed. */

import { FailureKind } from "../../core/wire.ts";

/** Chromium, Firefox, WebKit, React Native, and libraries that a caller's own `fetch` may go through. */
const LOST =
  /failed to fetch|network ?error|load failed|offline|network request (failed|timed out)|fetch failed|network connection was lost/i;

/** The kind of a failure of the network, by its words. A browser does not tell whether anything was sent. */
export const networkFailure = (said: string): FailureKind | undefined =>
  LOST.test(said) ? FailureKind.ConnectionLost : undefined;
