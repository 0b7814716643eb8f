/** Keeps a key from leaving through a caller's own `fetch`. */

import { FailureKind } from "../../core/wire.ts";
import { isKey } from "../../core/texts.ts";
import { OperationError } from "../../errors/errors.ts";

/**
 * Calls a caller's own `fetch`. While it runs, the global `fetch` it most likely ends in refuses to send a key. A
 * wrapper that goes on later is out of reach here; the proxy refuses what it sends.
 */
export function guarded(own: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  const real = globalThis.fetch;
  let refused = false;
  const checked: typeof fetch = (input, options) => {
    const request = input instanceof Request ? input : undefined;
    const headers = [...new Headers(options?.headers ?? request?.headers)];
    refused ||= [request?.url ?? String(input), ...headers.flat()].some(isKey);
    return refused ? Promise.reject(new OperationError(FailureKind.CredentialsInBrowser)) : real(input, options);
  };
  globalThis.fetch = checked;
  try {
    const answer = own(url, init);
    // Said again here, in case the wrapper keeps what it was told to itself.
    if (refused) throw new OperationError(FailureKind.CredentialsInBrowser);
    return answer;
  } finally {
    if (globalThis.fetch === checked) globalThis.fetch = real;
  }
}
