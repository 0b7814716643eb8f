/** The queue: submitting, following, fetching, cancelling. */

import type {
  CallOptions,
  EndpointOrOutput,
  EndpointType,
  IdFor,
  InputType,
  OutputFor,
  OutputType,
  Result,
  RunOptions,
} from "../client/run.ts";
import type { FalStream } from "../stream/types.ts";

/** Whose turn it is. */
export type QueuePriority = "normal" | "low";

/** What can be said about a request that is queued. */
export interface SubmitOptions<Input> extends RunOptions<Input> {
  /** Where fal posts the result. */
  readonly webhookUrl?: string;
  /** Default `normal`; `low` lets everybody else go first. */
  readonly priority?: QueuePriority;
  /** Refuses the request with a 429 when more than this many wait already. Default: any number may. */
  readonly maxQueueLength?: number;
}

/** What can be said about following a request. */
export interface QueueSubscribeOptions {
  /** Goes on with a request that was submitted before, for example before the page was reloaded: nothing is submitted. */
  requestId?: string;
  /**
   * How changes are learned of. Default `"streaming"`: fal says at once what changes, and where no such stream can be
   * had (a proxy that collects answers, an old app), the status is asked for as with `"polling"`.
   */
  mode?: "streaming" | "polling";
  /** Calls about a request go through your proxy, or with the key on a server: `"client"` is refused. Default `"server"`. */
  connectionMode?: "server";
  /** Time between two questions for the status, where there is no stream, in milliseconds. Default 500. */
  pollInterval?: number;
  /** Called once, with the id of the request. */
  onEnqueue?: (requestId: string) => void;
  /** Called with every status: its `logs` are the lines that are new, its `allLogs` all of them so far. What it throws ends the call with that error. */
  onQueueUpdate?: (status: QueueStatus) => void;
  /** Whether statuses carry log lines. Default false. */
  logs?: boolean;
  /** Time for all of it, in milliseconds. Default: none. */
  timeout?: number;
  /** Whether the request is cancelled at fal when the time is over. Default true. */
  cancelOnTimeout?: boolean;
  /** Whether the request is cancelled at fal when the call is aborted. Default false, as in `@fal-ai/client`. */
  cancelOnAbort?: boolean;
}

/** Options of a question about a request. */
export interface RequestOptions extends CallOptions {
  /** The id that submitting gave. */
  requestId: string;
}

/** Options of a question for a status. */
export interface QueueStatusOptions extends RequestOptions {
  /** Whether the status carries log lines. Default false. */
  logs?: boolean;
}

/** Options of a stream of statuses. */
export interface QueueStatusStreamOptions extends QueueStatusOptions {
  /** Calls about a request go through your proxy, or with the key on a server: `"client"` is refused. Default `"server"`. */
  connectionMode?: "server";
  /** Longest silence in milliseconds; counts from the start. Default 60 000 once the answer has begun. */
  timeout?: number;
}

/** Options of following a request to its end. */
export type QueueStatusSubscriptionOptions = QueueStatusOptions &
  Omit<QueueSubscribeOptions, "onEnqueue" | "requestId">;

/** One line of a model's log. */
export interface RequestLog {
  message: string;
  level: "STDERR" | "STDOUT" | "ERROR" | "INFO" | "WARN" | "DEBUG";
  source: "USER";
  timestamp: string;
}

export interface Metrics {
  /** Seconds. */
  inference_time: number | null;
}

interface BaseQueueStatus {
  request_id: string;
  response_url: string;
  status_url: string;
  cancel_url: string;
}

/** Waiting. */
export interface InQueueQueueStatus extends BaseQueueStatus {
  status: "IN_QUEUE";
  /** How many requests are before it. */
  queue_position: number;
}

/** A runner works on it. */
export interface InProgressQueueStatus extends BaseQueueStatus {
  status: "IN_PROGRESS";
  logs: RequestLog[];
  /** All lines so far: in `onQueueUpdate`, where `logs` has those that are new. */
  allLogs?: RequestLog[];
}

/** Over, well or not: there is no failed state. */
export interface CompletedQueueStatus extends BaseQueueStatus {
  status: "COMPLETED";
  logs: RequestLog[];
  /** All lines: in `onQueueUpdate`, where `logs` has those that are new. */
  allLogs?: RequestLog[];
  metrics?: Metrics;
  /** Why it failed, when it did and the queue knows. */
  error?: string;
  error_type?: string;
}

export type QueueStatus = InQueueQueueStatus | InProgressQueueStatus | CompletedQueueStatus;

/** The queue. */
export interface QueueClient {
  /** Puts a request into the queue. Never sent twice unless it is certain that the first did not arrive. */
  submit(endpointId: EndpointType): Promise<InQueueQueueStatus>;
  submit<Id extends EndpointType>(endpointId: Id, options: SubmitOptions<InputType<Id>>): Promise<InQueueQueueStatus>;
  /** Where a request is. */
  status(endpointId: string, options: QueueStatusOptions): Promise<QueueStatus>;
  /** Every change of a request, as it happens. With `logs` each status has only the lines that are new. */
  streamStatus(endpointId: string, options: QueueStatusStreamOptions): Promise<FalStream<unknown, QueueStatus>>;
  /** Follows a request; resolves to its last status, with the whole log, be it well or not. */
  subscribeToStatus(endpointId: string, options: QueueStatusSubscriptionOptions): Promise<CompletedQueueStatus>;
  /** The result of a completed request. */
  result<Id extends EndpointType>(endpointId: Id, options: RequestOptions): Promise<Result<OutputType<Id>>>;
  result<Named extends EndpointOrOutput>(
    endpointId: IdFor<Named>,
    options: RequestOptions,
  ): Promise<Result<OutputFor<Named>>>;
  /** Takes a request out of the queue, or asks its runner to stop. */
  cancel(endpointId: string, options: RequestOptions): Promise<void>;
  /** A request by its two names, which can be kept across reloads: `JSON.stringify(handle)` is what `handle` takes. */
  handle<Named extends EndpointOrOutput>(endpointId: IdFor<Named>, requestId: string): RequestHandle<OutputFor<Named>>;
  handle<Output = any>(saved: SavedRequest): RequestHandle<Output>;
}

/** What is kept of a request to find it again. */
export interface SavedRequest {
  endpointId: string;
  requestId: string;
  /** What shows the proxy that the request is one's own, where it was submitted through one that gives that out. */
  capability?: string | undefined;
}

/** One request in the queue. The options are those of the queue client, without the id. */
export interface RequestHandle<ItsOutput = any> extends SavedRequest {
  status(options?: Omit<QueueStatusOptions, "requestId">): Promise<QueueStatus>;
  streamStatus(options?: Omit<QueueStatusStreamOptions, "requestId">): Promise<FalStream<unknown, QueueStatus>>;
  subscribeToStatus(options?: Omit<QueueStatusSubscriptionOptions, "requestId">): Promise<CompletedQueueStatus>;
  /** Follows it, and resolves to its result. */
  subscribe<Output = ItsOutput>(
    options?: Omit<QueueSubscribeOptions, "requestId"> & { abortSignal?: AbortSignal },
  ): Promise<Result<Output>>;
  result<Output = ItsOutput>(options?: Omit<RequestOptions, "requestId">): Promise<Result<Output>>;
  cancel(options?: Omit<RequestOptions, "requestId">): Promise<void>;
  toJSON(): SavedRequest;
}

export type { WebHookResponse } from "../webhook/types.ts";
