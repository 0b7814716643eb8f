/** What every session has in common: states, the queue before it is live, and giving everything back, once. */

import { Payload, RequestKind } from "../core/wire.ts";
import type { SendRequest } from "../driver/job.ts";
import type { HostTransport } from "#host/host.ts";
import type { RealtimeConnection, RealtimeConnectionHandler } from "../realtime/types.ts";
import type {
  ManagedRealtimeSession,
  RealtimeExtension,
  RealtimeExtensionContext,
  RealtimeOpenOptions,
  RealtimeSession,
  RealtimeState,
} from "./types.ts";

/** What a client gives its sessions. */
export interface ClientParts {
  run(endpointId: string, options?: object): Promise<any>;
  connect(endpointId: string, handler: RealtimeConnectionHandler): RealtimeConnection;
  transport: HostTransport;
  /** How the client sends its own requests. */
  send: SendRequest;
}

/** How many messages wait before a session is live. */
const MOST = 64;

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

/** Calls what is the caller's own: what it throws is theirs, and changes nothing here. */
const tell = <T>(callback: ((value: T) => void) | undefined, value: T) => {
  try {
    callback?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};

/** Opens a session: the handle is there at once. */
export function openSession<Session extends RealtimeSession>(
  extension: RealtimeExtension<any, Session>,
  { run, connect, transport, send: sendRequest }: ClientParts,
  options: RealtimeOpenOptions = {},
): ManagedRealtimeSession<Session> {
  const { abortSignal, onState, onError, onDiagnostic, onMedia, onData } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const cleanups: (() => unknown)[] = [];
  const waiting: unknown[][] = [];
  let state: RealtimeState = "opening";
  let session: (Session & { send?(...message: unknown[]): void }) | undefined;
  let hasDropped = false;
  let isOver = false;
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));

  const end = (to: "failed" | "closed", error?: unknown): Promise<void> => {
    // What is given back may say that it is over, too.
    if (!isOver) {
      isOver = true;
      state = to;
      controller.abort(error ?? new DOMException("The session was closed.", "AbortError"));
      if (to === "failed") {
        tell(onDiagnostic, { kind: "failure", message: (error as Error)?.message ?? String(error), ...seen(error) });
        tell(onError, error);
      }
      tell(onState, to);
      abortSignal?.removeEventListener("abort", abort);
      void giveBack().then(finish);
    }
    return finished;
  };
  const giveBack = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await (async () => cleanup())().catch(() => {});
    // What does not heed the signal may still open: it is closed before this resolves.
    await opening.then((late) => late.close()).catch(() => {});
  };
  const abort = () => end("failed", abortSignal?.reason);

  const context: RealtimeExtensionContext = {
    endpointId: options.endpointId ?? extension.defaultEndpoint ?? "",
    signal,
    run: (id, given) => run(id, { ...given, abortSignal: given?.abortSignal ?? signal }),
    connect,
    addCleanup: (cleanup) => void (isOver ? cleanup() : cleanups.push(cleanup)),
    close: () => end("closed"),
    fetch: async (url, { method = "POST", headers, body, keepalive, signal: own } = {}) => {
      const input = body == null ? undefined : JSON.parse(String(body));
      const onward = keepalive
        ? {
            ...transport,
            fetch: ((to, init) => (transport.fetch ?? fetch)(to, { ...init, keepalive })) as typeof fetch,
          }
        : transport;
      const job = {
        transport: onward,
        retryBudget: { spent: 0 },
        input,
        own: Object.fromEntries(new Headers(headers)),
      };
      const asked = { ...REQUEST, url, method };
      return sendRequest(job, asked, keepalive ? new AbortController().signal : linked(signal, own));
    },
    gatherIce: async (pc, given) => (await import("./ice.ts")).gatherIceCandidates(pc, { signal, ...given }),
    fail: (message, observed, error = Object.assign(new Error(message), { observed })) => end("failed", error),
    diagnostic: (event) => isOver || tell(onDiagnostic, event),
    media: (stream) => isOver || tell(onMedia, stream),
    data: (raw) => isOver || tell(onData, raw),
  };

  const opening = Promise.resolve().then(() => {
    const { id, supports } = extension;
    if (!transport.proxy && !transport.middleware)
      throw new TypeError("Sessions go through your own proxy, which holds the key: set `proxyUrl`.");
    if (!context.endpointId) throw new TypeError(`${id} requires an app endpoint id: give it \`endpointId\`.`);
    if (supports?.(context.endpointId) === false) throw new TypeError(`${id} cannot open ${context.endpointId}.`);
    if (isOver) throw signal.reason;
    return extension.open(context, options);
  });
  const send = (...message: unknown[]) => {
    if (isOver) return;
    if (session) return session.send?.(...message);
    if (waiting.push(message) <= MOST) return;
    waiting.shift();
    const warning = `More than ${MOST} messages wait for the session to be live. The oldest are dropped.`;
    if (!hasDropped) context.diagnostic({ kind: "warning", message: warning });
    hasDropped = true;
  };
  const handle = {
    get state() {
      return state;
    },
    get session() {
      return session;
    },
    ready: opening.then(
      (opened) => {
        if (isOver) throw signal.reason;
        session = opened;
        state = "live";
        for (const message of waiting.splice(0)) send(...message);
        tell(onState, state);
        return handle;
      },
      (error) => {
        if (!isOver) void end("failed", error);
        throw signal.reason ?? error;
      },
    ),
    send,
    close: () => end("closed"),
  } as ManagedRealtimeSession<Session>;
  handle.ready.catch(() => {});
  if (abortSignal?.aborted) queueMicrotask(abort);
  else abortSignal?.addEventListener("abort", abort);
  return handle;
}

const seen = (error: any) => (error?.observed ? { observed: error.observed } : {});
