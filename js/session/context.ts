/** The larger parts of what an extension is given, which are loaded when the first session opens. */

import { Payload, RequestKind } from "../core/wire.ts";
import type { SendRequest } from "../driver/job.ts";
import type { HostTransport } from "#host/host.ts";

import { gatherIceCandidates } from "./ice.ts";
import type { RealtimeExtensionContext } from "./types.ts";

/** A request for fal with an input, as the client's own machines ask for one. */
const REQUEST = {
  request: RequestKind.Run,
  payload: Payload.Input,
  isToFal: 1,
  app: "",
  requestId: "",
} as Parameters<SendRequest>[1];

/** Aborted with either of them. */
const linked = (signal: AbortSignal, own: AbortSignal | null | undefined): AbortSignal =>
  own ? (AbortSignal.any?.([signal, own]) ?? own) : signal;

/** What a context does by asking fal or the browser, until `signal` is aborted. */
export const contextParts = (
  send: SendRequest,
  transport: HostTransport,
  signal: AbortSignal,
): Pick<RealtimeExtensionContext, "fetch" | "gatherIce"> => ({
  /** As the client's own requests are sent, through its proxy. With `keepalive` one goes on after the end. */
  fetch: async (url, { method = "POST", headers, body, keepalive, signal: own } = {}) => {
    const onward = keepalive
      ? {
          ...transport,
          fetch: ((to, init) => (transport.fetch ?? fetch)(to, { ...init, keepalive })) as typeof fetch,
        }
      : transport;
    const job = {
      transport: onward,
      retryBudget: { spent: 0 },
      input: body == null ? undefined : JSON.parse(String(body)),
      own: Object.fromEntries(new Headers(headers)),
    };
    const asked = { ...REQUEST, url, method };
    return send(job, asked, keepalive ? new AbortController().signal : linked(signal, own));
  },
  gatherIce: (pc, given) => gatherIceCandidates(pc, { signal, ...given }),
});
