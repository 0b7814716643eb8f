/** Calls as state that a user interface can show: what `fal-wasm/store` and the hooks on top of it give and take. */

import type { EndpointOrOutput, IdFor, InputFor, OutputFor } from "../client/run.ts";
import type { FalClient } from "../client/types.ts";
import type { FalError } from "../errors/errors.ts";
import type { QueueStatus, QueueSubscribeOptions, RequestLog, SavedRequest, SubmitOptions } from "../queue/types.ts";
import type { RealtimeConnectionHandler } from "../realtime/types.ts";
import type { StreamOptions } from "../stream/types.ts";

/**
 * Where a call is. `sending` until fal's first word about it (files of the input are uploaded meanwhile), then `in_queue`
 * and `in_progress`, and one of `completed`, `cancelled` and `failed` in the end.
 */
export type CallStatus = "idle" | "sending" | "in_queue" | "in_progress" | "completed" | "cancelled" | "failed";

/** What there is to show of a call. */
export interface CallState<Output = any> {
  readonly status: CallStatus;
  /** Whether it is under way: `sending`, `in_queue` or `in_progress`. */
  readonly isPending: boolean;
  /** How many requests are before it, while it is in the queue. */
  readonly position: number | undefined;
  /** How far it is, 0 to 1, while it is under way and where that is known: see `progress` of the options. */
  readonly progress: number | undefined;
  /** All lines of its log so far. */
  readonly logs: readonly RequestLog[];
  /** Its id at fal, as soon as it has one. */
  readonly requestId: string | undefined;
  /** What the model answered, when it is `completed`. */
  readonly data: Output | undefined;
  /** What went wrong, when it `failed`. A cancelled call did not. */
  readonly error: FalError | undefined;
  /** What fal made of cancelling it, once that is known. `refused` is too late: it ran, and is billed. */
  readonly cancelled: "accepted" | "refused" | "unknown" | undefined;
}

/** Something to watch. */
export interface Store<State> {
  /** What there is to show now: the same object until something changes. */
  getState(): State;
  /** What a server shows, and a page before it has taken over from it: nothing has begun. */
  getServerState(): State;
  /**
   * Calls back whenever the state has changed, at most 60 times a second, and at once when a call begins or ends. Returns
   * what ends that.
   */
  subscribe(listener: () => void): () => void;
}

/** Where the handle of a request is kept: `sessionStorage`, `localStorage`, or anything like it, also asynchronous. */
export interface HandleStorage {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** What becomes of a call that nobody watches any more. */
export interface UnmountOptions {
  /**
   * `"cancel"` cancels it at fal when its last subscriber leaves: nobody waits for it. `"keep"` lets it go on.
   *
   * @default "cancel" in hooks, "keep" in a store of your own
   */
  readonly unmount?: "cancel" | "keep";
}

/** What a call takes besides its input. */
export type StoreCallOptions = Omit<
  SubmitOptions<never> & QueueSubscribeOptions,
  "input" | "abortSignal" | "requestId" | "cancelOnAbort"
>;

/** Options of a store; those of the call hold for each of its runs. */
export interface StoreOptions extends UnmountOptions, StoreCallOptions {
  /**
   * Goes on with the request after a reload: its handle is kept from when fal has it to when its end was shown, under this
   * name and the endpoint's id. `true` is for a page that has one such call. The handle is no key and holds no prompt.
   *
   * @default false
   */
  readonly resume?: string | boolean;
  /**
   * Where the handle is kept. Where that does not work, calls go on without it.
   *
   * @default sessionStorage
   */
  readonly storage?: HandleStorage;
  /**
   * How far a request is, 0 to 1, read from a status; `undefined` leaves it as it was.
   *
   * @default the last percentage among the lines of its log that are new, as tqdm writes them
   */
  readonly progress?: (status: QueueStatus) => number | undefined;
  /**
   * Whether statuses carry log lines.
   *
   * @default true
   */
  readonly logs?: boolean;
}

/** What can be done with a call. */
export interface CallActions<Input = any, Output = any> {
  /**
   * Queues a request and follows it. Resolves to the state it ended with, and never rejects: errors are in there.
   *
   * The same input while it is under way (by value; a file is the same as itself) is the same call, so that a double click,
   * or an effect that React runs twice, buys one picture. With another input the call before it is cancelled at fal.
   */
  run(input: Input, options?: StoreCallOptions): Promise<CallState<Output>>;
  /** Cancels the call, also at fal. It counts as cancelled at once; resolves when fal has answered. */
  cancel(): Promise<CallState<Output>>;
  /** Follows the request that is saved, or the one that is given, and submits nothing. Watching a store with `resume` does so by itself. */
  resume(saved?: SavedRequest): Promise<CallState<Output>>;
  /** Back to `idle`. Cancels what is under way. */
  reset(): void;
}

/** A call to watch. */
export interface CallStore<Input = any, Output = any> extends Store<CallState<Output>>, CallActions<Input, Output> {}

/** What there is to show of a stream. */
export interface StreamState<Data = any> {
  readonly status: Exclude<CallStatus, "in_queue">;
  /** Whether it is under way: `sending` or `in_progress`. */
  readonly isPending: boolean;
  readonly requestId: string | undefined;
  /** The last item, or what `reduce` made of all of them. It stays when the stream ends, however it does. */
  readonly data: Data | undefined;
  /** What went wrong, when it `failed`. */
  readonly error: FalError | undefined;
}

/** What a stream takes besides its input. */
export type StoreStreamCallOptions = Omit<StreamOptions<never>, "input" | "abortSignal" | "signal">;

/** Options of a stream; those of the call hold for each of its runs. */
export interface StreamStoreOptions<Output = any, Data = Output> extends UnmountOptions, StoreStreamCallOptions {
  /**
   * Makes one value of the items, such as a text of its pieces: `(text = "", { delta }) => text + delta`. It returns a new
   * value and changes none.
   *
   * @default the last item
   */
  readonly reduce?: (data: Data | undefined, item: Output) => Data;
}

/** What can be done with a stream. */
export interface StreamActions<Input = any, Data = any> {
  /** Begins the stream. Resolves to the state it ended with, and never rejects. The same input while it is under way is the same stream. */
  run(input: Input, options?: StoreStreamCallOptions): Promise<StreamState<Data>>;
  /** Stops the stream, and the model with it. What came so far stays. */
  cancel(): Promise<StreamState<Data>>;
  /** Back to `idle`. Stops what is under way. */
  reset(): void;
}

/** A stream to watch. */
export interface StreamStore<Input = any, Data = any> extends Store<StreamState<Data>>, StreamActions<Input, Data> {}

/** What there is to show of a realtime connection. */
export interface RealtimeState<Output = any> {
  /** `open` once it has been opened: a connection that is lost is made again by itself. */
  readonly status: "idle" | "connecting" | "open" | "closed";
  /** The last result. */
  readonly data: Output | undefined;
  /** What went wrong last; a result after it clears it. */
  readonly error: FalError | undefined;
}

/** Options of a realtime connection. The callbacks are called as well. */
export type RealtimeStoreOptions<Output = any> = Partial<RealtimeConnectionHandler<Output>> & UnmountOptions;

/** What can be done with a realtime connection. */
export interface RealtimeActions<Input = any> {
  /** Sends a message; the first one opens the connection, also after `close`. One that cannot be sent is the `error`. */
  send(input: Input): void;
  close(): void;
}

/** A realtime connection to watch. */
export interface RealtimeStore<Input = any, Output = any>
  extends Store<RealtimeState<Output>>, RealtimeActions<Input> {}

/** What the stores need of a client. */
export type StoreClient = Pick<FalClient, "subscribe" | "queue">;
export type StreamStoreClient = Pick<FalClient, "stream">;
export type RealtimeStoreClient = Pick<FalClient, "realtime">;

export type { EndpointOrOutput, IdFor, InputFor, OutputFor, QueueStatus, RequestLog, SavedRequest };
