/** Telling a request that never left from one whose answer was lost. Only the first has certainly run nothing. */

/** How Node, Bun and Deno name that no connection was made. */
const CODES = [
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
  "ConnectionRefused",
  "FailedToOpenSocket",
];

/** Deno has no code: its message ends with the step that failed. Node's has one that says less when TLS is not yet there. */
const MESSAGE = /\bclient error \(Connect\)|\bbefore secure TLS connection was established\b/;

/** Causes are nested two or three deep; an app may nest its own. */
const MAX_DEPTH = 5;

/**
 * Whether an error of `fetch` says that no connection was made. workerd does not tell, and neither does a `fetch` of the
 * app's that throws errors of its own: then it is not certain.
 */
export function neverConnected(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return false;
  const { code, message, cause, errors } = error as {
    code?: unknown;
    message?: unknown;
    cause?: unknown;
    errors?: unknown;
  };
  if (CODES.includes(code as string) || MESSAGE.test(String(message))) return true;
  // One error for each address that was tried.
  if (Array.isArray(errors) && errors.length > 0) return errors.every((one) => neverConnected(one, depth + 1));
  return neverConnected(cause, depth + 1);
}
