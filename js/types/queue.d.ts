/** The queue: submitting, following, fetching, cancelling. */

import type { Result, RunOptions } from "./run.js";

/** What can be said about a request that is queued. */
export interface SubmitOptions<Input> extends RunOptions<Input> {
  /** Where fal posts the result. */
  readonly webhookUrl?: string;
  /** Default `normal`; `low` lets everybody else go first. */
  readonly priority?: "normal" | "low";
}

/** What can be said about following a request. */
export interface QueueSubscribeOptions {
  /** Time between two questions for the status, in milliseconds. Default 500. */
  pollInterval?: number;
  /** Called once, with the id of the request. */
  onEnqueue?: (requestId: string) => void;
  /** Called with every status. What it throws ends the call with that error. */
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
export interface RequestOptions {
  /** The id that submitting gave. */
  requestId: string;
  abortSignal?: AbortSignal;
}

/** Options of a question for a status. */
export interface QueueStatusOptions extends RequestOptions {
  /** Whether the status carries log lines. Default false. */
  logs?: boolean;
}

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
}

/** Over, well or not: there is no failed state. */
export interface CompletedQueueStatus extends BaseQueueStatus {
  status: "COMPLETED";
  logs: RequestLog[];
  metrics?: Metrics;
  /** Why it failed, when it did and the queue knows. */
  error?: string;
  error_type?: string;
}

export type QueueStatus = InQueueQueueStatus | InProgressQueueStatus | CompletedQueueStatus;

/** The queue. */
export interface QueueClient {
  /** Puts a request into the queue. Never sent twice unless it is certain that the first did not arrive. */
  submit(endpointId: string, options?: SubmitOptions<any>): Promise<InQueueQueueStatus>;
  /** Where a request is. */
  status(endpointId: string, options: QueueStatusOptions): Promise<QueueStatus>;
  /** The result of a completed request. */
  result<Output = any>(endpointId: string, options: RequestOptions): Promise<Result<Output>>;
  /** Takes a request out of the queue, or asks its runner to stop. */
  cancel(endpointId: string, options: RequestOptions): Promise<void>;
}
