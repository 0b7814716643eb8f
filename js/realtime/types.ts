/** Realtime connections. */

import type {
  ManagedRealtimeSession,
  OpenableExtension,
  RealtimeOpenOptions,
  RealtimeSession,
  RealtimeState,
} from "../session/types.ts";
import type { EndpointType, InputType, OutputType } from "../client/run.ts";

/** Gives a short-lived token for an endpoint, such as `fal-ai/fast-sdxl/realtime`; usually by asking your own server. */
export type TokenProvider = (app: string) => Promise<string>;

/** Why a message was never sent. */
export type DropReason =
  /** A newer one took its place in an outbox that keeps the latest. */
  | "superseded"
  /** The queue was full. */
  | "outbox_full"
  /** No connection could be made for it; `onError` says why. */
  | "connection_lost"
  /** `close()` was called while it waited. */
  | "closed";

/** A connection. Nothing is opened before the first `send`; a `send` after its end, or after `close`, opens it anew. */
export interface RealtimeConnection<Input = any> {
  /** Sends a message, as it is now. Throws when it cannot be encoded; nothing is sent then. */
  send(input: Input & Partial<{ request_id: string }>): void;
  /** Closes the connection, also one that is just being made. */
  close(): void;
}

/** What a connection shall be like. */
export interface RealtimeConnectionHandler<Output = any> {
  /** Called with each result, in the order they came. What it throws surfaces as an error of your own. */
  onResult(result: Output & { request_id: string }): void;
  /**
   * Called when the app answers with an error, when something that was sent is lost with its connection, and when no
   * connection can be made any more. A session the app ended in order is not an error.
   */
  onError?(error: any): void;
  /** Called whenever a connection is open: the first time, and again after each that was lost. */
  onOpen?(): void;
  /**
   * Called with each change of how the connection is doing, in the words of a session (`fal.realtime.open`), such as for a
   * light in a page: `"opening"` also while a lost socket is made again, `"failed"` when `onError` has said why no connection
   * can be had, `"closed"` when the app has ended the session in order, or `close()` was called. The next message begins with
   * `"opening"` again.
   */
  onStateChange?(state: RealtimeState): void;
  /** Called with each message that is never sent. After a refusal that will not pass nothing is tried for 1, 2, 4 … 60 seconds. */
  onDrop?(input: any, reason: DropReason): void;
  /** Connections of one endpoint with the same key are one; the handler connected last hears. */
  connectionKey?: string;
  /** Do nothing where a server renders the page. Default false. */
  clientOnly?: boolean;
  /** Least time between two messages in milliseconds. Default 128, or 0 for an outbox that queues. 0 is no limit. */
  throttleInterval?: number;
  /**
   * What happens to messages that cannot be sent yet: `"latest"` keeps the newest, `"queue"` keeps all, in order, within
   * `outboxFrames` and `outboxBytes`; one that finds no room is refused. Default `"latest"`, or `"queue"` when
   * `throttleInterval` is 0.
   */
  outbox?: "latest" | "queue";
  /**
   * Longest silence after a message was sent, in milliseconds; then `onError` gets `stream_stalled` and another connection is made. 0 is no limit.
   * What was sent is not sent again.
   *
   * @default 60000
   */
  timeout?: number;
  /** How many messages a queue holds. Default 256. */
  outboxFrames?: number;
  /** How many bytes a queue holds. Default 8 MiB. */
  outboxBytes?: number;
  /** How many inputs the app keeps before it drops the oldest: 1 to 60. Default: up to the app. */
  maxBuffering?: number;
  /** Where the app has its sessions. Default `/realtime`. */
  path?: string;
  /** Default: MessagePack; a `Uint8Array` is sent as it is. */
  encodeMessage?(input: any): Uint8Array | string;
  /** Default: MessagePack for bytes, JSON for text. Results stay in order, also when this takes time. */
  decodeMessage?(data: any): any;
  /**
   * Where tokens come from; asked for a fresh one at each attempt to connect. Default: the proxy; with a key at hand none
   * is needed. What it throws reaches `onError`; `retryable: true` on it says that another attempt may help.
   */
  tokenProvider?: TokenProvider;
  /** Seconds a token is asked to last. Default 120. A token is used at once, so there is nothing to refresh. */
  tokenExpirationSeconds?: number;
}

/** Realtime. */
export interface RealtimeClient {
  /**
   * Connects to an app. Lost connections are made again, with growing rests, `retry.maxRetries` (5) times.
   *
   * The endpoint's own types hold for results, and for the fields of inputs that are known; an app's session may take fewer
   * fields or more. `connect<Input, Output>(…)` names both instead.
   */
  connect<Input = never, Output = never, Id extends EndpointType = EndpointType>(
    app: Id,
    handler: RealtimeConnectionHandler<[Output] extends [never] ? OutputType<Id> : Output>,
  ): RealtimeConnection<[Input] extends [never] ? Partial<InputType<Id>> & Record<string, any> : Input>;
  /**
   * Opens a session by the protocol of an extension, such as `wma` of `fal-wasm/realtime/wma`. The handle is there at once; what is
   * sent on it waits until the session is live. What is wrong with the client or the options fails the session. Needs a proxy.
   *
   * @experimental As in `@fal-ai/client`, sessions may change in a minor release.
   */
  open<Options, Session extends RealtimeSession>(
    extension: OpenableExtension<Options, Session>,
    options?: Options & RealtimeOpenOptions,
  ): ManagedRealtimeSession<Session>;
}
