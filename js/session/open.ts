/** What every session has in common: states, the queue before it is live, and giving everything back, once. */

import type { SendRequest } from "../driver/job.ts";
import type { HostTransport } from "#host/host.ts";
import type { contextParts } from "./context.ts";
import type {
  ManagedRealtimeSession,
  RealtimeExtension,
  RealtimeExtensionContext,
  RealtimeOpenOptions,
  RealtimeSession,
  RealtimeState,
} from "./types.ts";

type Run = (endpointId: string, options?: object) => Promise<any>;
/** An extension, which may have the larger parts of its context already. @internal */
export type PreparedExtension<Options, Session extends RealtimeSession> = RealtimeExtension<Options, Session> & {
  parts?: typeof contextParts;
};

type Callback = "onState" | "onError" | "onDiagnostic" | "onMedia" | "onData";

/** How many messages wait before a session is live. */
const MOST = 64;

/** Opens a session with the parts of a client: the handle is there at once. */
export function openSession<Session extends RealtimeSession>(
  extension: PreparedExtension<any, Session>,
  transport: HostTransport,
  options: RealtimeOpenOptions | undefined = {},
  run: Run,
  connect: RealtimeExtensionContext["connect"],
  sendRequest: SendRequest,
): ManagedRealtimeSession<Session> {
  const { abortSignal } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const cleanups: (() => unknown)[] = [];
  const waiting: unknown[][] = [];
  let state: RealtimeState = "opening";
  let session: (Session & { send?(...message: unknown[]): void }) | undefined;
  let dropped = 0;
  /** Resolves when everything is given back. There from the moment the session is over. */
  let finished: Promise<void> | undefined;
  // Now, so that it is there when the page goes and a request has to leave at once.
  const parts = (async () =>
    (extension.parts ?? (await import("./context.ts")).contextParts)(sendRequest, transport, signal))();
  parts.catch(() => {});

  /** Calls what is the caller's own: what it throws is theirs, and changes nothing here. */
  const tell = (callback: Callback, value: unknown) => {
    try {
      options[callback]?.(value as never);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  const end = (to: "failed" | "closed", error?: any): Promise<void> => {
    // What is given back may say that it is over, too.
    if (!finished) {
      finished = giveBack();
      state = to;
      controller.abort(error ?? new DOMException("The session was closed.", "AbortError"));
      if (to === "failed") {
        const observed = error?.observed;
        const message = error?.message ?? String(error);
        tell("onDiagnostic", { kind: "failure", message, ...(observed && { observed }) });
        tell("onError", error);
      }
      tell("onState", to);
      abortSignal?.removeEventListener("abort", abort);
    }
    return finished;
  };
  const giveBack = async () => {
    await null;
    // What does not heed the signal may still open: it is closed before this resolves.
    for (const cleanup of [async () => (await opening).close(), ...cleanups.splice(0)].reverse()) {
      await (async () => cleanup())().catch(() => {});
    }
  };
  const abort = () => end("failed", abortSignal?.reason);

  const context: RealtimeExtensionContext = {
    endpointId: options.endpointId ?? extension.defaultEndpoint ?? "",
    signal,
    run: (id, given) => run(id, { ...given, abortSignal: given?.abortSignal ?? signal }),
    connect,
    addCleanup: (cleanup) => void (finished ? cleanup() : cleanups.push(cleanup)),
    close: () => end("closed"),
    fetch: async (...given) => (await parts).fetch(...given),
    gatherIce: async (...given) => (await parts).gatherIce(...given),
    fail: (message, observed, error = Object.assign(new Error(message), { observed })) => end("failed", error),
    diagnostic: (event) => finished || tell("onDiagnostic", event),
    media: (stream) => finished || tell("onMedia", stream),
    data: (raw) => finished || tell("onData", raw),
  };

  const opening = Promise.resolve().then(() => {
    if (abortSignal?.aborted) void abort();
    const { id, supports } = extension;
    const { endpointId } = context;
    if (!transport.proxy && !transport.middleware)
      throw new TypeError("Sessions go through your own proxy: set `proxyUrl`.");
    if (!endpointId) throw new TypeError(`${id} requires an app endpoint id: give it \`endpointId\`.`);
    if (supports?.(endpointId) === false) throw new TypeError(`${id} cannot open ${endpointId}.`);
    if (finished) throw signal.reason;
    return extension.open(context, options);
  });
  const send = (...message: unknown[]) => {
    if (finished) return;
    if (session) return session.send?.(...message);
    if (waiting.push(message) <= MOST) return;
    waiting.shift();
    const warning = `More than ${MOST} messages wait for the session: the oldest are dropped.`;
    dropped++ || context.diagnostic({ kind: "warning", message: warning });
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
        if (finished) throw signal.reason;
        session = opened;
        state = "live";
        for (const message of waiting.splice(0)) send(...message);
        tell("onState", state);
        return handle;
      },
      (error) => {
        if (!finished) void end("failed", error);
        throw signal.reason ?? error;
      },
    ),
    send,
    close: () => end("closed"),
  } as ManagedRealtimeSession<Session>;
  handle.ready.catch(() => {});
  abortSignal?.addEventListener("abort", abort);
  return handle;
}
