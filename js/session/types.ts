/** Realtime sessions: what extensions implement, and what callers get. */

import type { RealtimeConnection, RealtimeConnectionHandler } from "../realtime/types.ts";

/** What only pages have, by the type of its global: a server's program without the DOM's types compiles, too. */
type Global<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : unknown;
type MediaStream = Global<"MediaStream">;
type RTCPeerConnection = Global<"RTCPeerConnection">;
interface RTCIceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

/**
 * Where a session is. `"failed"` and `"closed"` are final: what failed stays so while its resources are given back.
 *
 * @experimental As in `@fal-ai/client`, sessions may change in a minor release.
 */
export type RealtimeState = "opening" | "live" | "failed" | "closed";

/**
 * What an extension tells on the way. A `failure` says what was observed, never what may be behind it.
 *
 * @experimental
 */
export type RealtimeDiagnostic =
  | { kind: "progress"; phase: string; detail?: Record<string, number | string> }
  | { kind: "warning"; message: string; detail?: Record<string, number | string> }
  | { kind: "failure"; message: string; observed?: Record<string, number | string> };

/** What an extension gives back: its own operations, and a way to end it. @experimental */
export interface RealtimeSession {
  close(): void | Promise<void>;
  readonly state?: RealtimeState;
}

/**
 * What `fal.realtime.open` returns, at once and in state `"opening"`.
 *
 * @experimental
 */
export interface ManagedRealtimeSession<Session extends RealtimeSession = RealtimeSession> {
  /** Where it is. */
  readonly state: RealtimeState;
  /** What the extension gives: there once the session is live. */
  readonly session: Session | undefined;
  /** Resolves to this handle once the session is live; rejects when it fails or is closed before. May be ignored. */
  readonly ready: Promise<ManagedRealtimeSession<Session>>;
  /**
   * Sends a message. Until the session is live up to 64 wait, in order; beyond that the oldest is dropped, with one warning. After
   * the end nothing is sent.
   */
  send: Session extends { send(...message: infer Message): unknown }
    ? (...message: Message) => void
    : (message: any) => void;
  /** Ends it, also while it opens. Resolves when everything is given back. */
  close(): Promise<void>;
}

/** The options of every session. @experimental */
export interface RealtimeOpenOptions {
  /** The endpoint to open, in place of the extension's own. */
  endpointId?: string;
  /** Ends the session, also while it opens. */
  abortSignal?: AbortSignal;
  /** Called with each state after `"opening"`. */
  onState?: (state: RealtimeState) => void;
  /** Called once, with what the session failed of. Not called when it was closed. */
  onError?: (error: unknown) => void;
  /** Called with progress, warnings and failures. */
  onDiagnostic?: (event: RealtimeDiagnostic) => void;
  /** Called with each stream of pictures or sound that comes in, once. */
  onMedia?: (stream: MediaStream) => void;
  /** Called with each message that comes in, as it is. */
  onData?: (raw: string) => void;
}

/** How many candidates of each kind were gathered, and why gathering ended. @experimental */
export interface IceGatheringResult {
  host: number;
  srflx: number;
  relay: number;
  state: "complete" | "sufficient" | "timeout";
}

/** How candidates are gathered. @experimental */
export interface IceGatheringOptions {
  /** The servers of the peer connection. With a relay among them, one of its addresses has to be there. */
  iceServers?: RTCIceServer[];
  iceTransportPolicy?: "all" | "relay";
  /** The longest that is waited, in milliseconds. @default 12000 */
  timeoutMs?: number;
  /** How long no more may come, in milliseconds. @default 1250 */
  quietPeriodMs?: number;
  signal?: AbortSignal;
}

/** What an extension is given to open a session with. @experimental */
export interface RealtimeExtensionContext {
  readonly endpointId: string;
  /** Aborted when the session ends, for whatever reason. */
  readonly signal: AbortSignal;
  /** Runs an endpoint, as `fal.run` of the client. */
  run(
    endpointId: string,
    options?: { input?: any; abortSignal?: AbortSignal },
  ): Promise<{ data: any; requestId: string }>;
  /** Connects as `fal.realtime.connect` of the client. */
  connect(endpointId: string, handler: RealtimeConnectionHandler): RealtimeConnection;
  /** Called once, in reverse order, when the session ends or does not open. */
  addCleanup(cleanup: () => void | Promise<void>): void;
  /** Ends the session. */
  close(): Promise<void>;
  /**
   * Sends a request to fal as the client's own are sent, through its proxy. It is a POST unless `init` says otherwise; a body is
   * JSON. With `keepalive` it goes on when the session has ended, and when the page is gone.
   */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Waits until enough addresses are gathered for an offer that takes none later. */
  gatherIce(pc: RTCPeerConnection, options?: IceGatheringOptions): Promise<IceGatheringResult>;
  /** Ends the session as failed. `error` is what callers get; without it, one with this message. */
  fail(message: string, observed?: Record<string, number | string>, error?: Error): Promise<void>;
  diagnostic(event: RealtimeDiagnostic): void;
  media(stream: MediaStream): void;
  data(raw: string): void;
}

/**
 * A protocol of sessions.
 *
 * @experimental
 */
export interface RealtimeExtension<Options = unknown, Session extends RealtimeSession = RealtimeSession> {
  /** A name for diagnostics, such as `"fal/wma"`. */
  readonly id: string;
  /** The endpoint that is opened where the options name none. */
  readonly defaultEndpoint?: string | undefined;
  /** Whether it can open an endpoint. Without it: any. */
  supports?(endpointId: string): boolean;
  /** Opens a session; resolves when it is live. */
  open(context: RealtimeExtensionContext, options: Options & RealtimeOpenOptions): Promise<Session>;
}

/** An extension that `fal.realtime.open` takes: `defineRealtimeExtension` makes it. @experimental */
export interface OpenableExtension<
  Options = unknown,
  Session extends RealtimeSession = RealtimeSession,
> extends RealtimeExtension<Options, Session> {
  /** Opens it with the parts of a client. `fal.realtime.open` calls it. */
  opener(
    ...client: [transport: any, options: RealtimeOpenOptions | undefined, run: any, connect: any, send: any]
  ): ManagedRealtimeSession<Session>;
}

/** The options of an extension. @experimental */
export type RealtimeExtensionOptions<Extension> =
  Extension extends RealtimeExtension<infer Options, any> ? Options : never;

/** The session of an extension. @experimental */
export type RealtimeExtensionSession<Extension> =
  Extension extends RealtimeExtension<any, infer Session> ? Session : never;
