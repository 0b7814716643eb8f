/** Hearing that the client of a request has left before its response has ended. */

/** What servers on srvx (Nitro, h3) add to a request: what Node gave them. */
interface NodeContext {
  runtime?: {
    node?: { res?: { once(event: "close", heard: () => void): void; writableEnded: boolean; destroyed: boolean } };
  };
}

/**
 * Calls `left` when the client leaves; whether it has left already. The signal of a request says so, except in srvx 0.8
 * (Nitro 3.0), where it also aborts when the body has been read: on srvx Node's response is asked.
 */
export function followClient(request: Request, left: () => void): boolean {
  const response = (request as NodeContext).runtime?.node?.res;
  if (response) {
    response.once("close", () => response.writableEnded || left());
    return response.destroyed && !response.writableEnded;
  }
  const { signal } = request;
  signal?.addEventListener("abort", left);
  return signal?.aborted === true;
}
