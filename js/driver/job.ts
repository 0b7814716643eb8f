/** What an operation is opened with: what the core decides by, and what stays in JavaScript. */

import type { Payload, SendEffect } from "../core/wire.ts";
import type { HostTransport } from "#host/host.ts";
import type { ErrorFacts, FalError } from "../errors/errors.ts";
import type { StreamSink } from "../io/pump.ts";
import type { QueueStatus } from "../queue/types.ts";
import type { UploadSource } from "../storage/source.ts";
import type { OperationOptions } from "./open.ts";

export type { OperationOptions } from "./open.ts";

/** A request that an operation asks for: the core's effect, with its texts. */
export interface OutgoingRequest extends Pick<SendEffect, "request" | "part" | "toBackup"> {
  url: string;
  payload: Payload;
  /** Whether it goes to fal, or to the proxy in front of it. */
  isToFal: number;
  /** The app it is about; empty when it is about none. */
  app: string;
  /** The request in the queue it is about; empty when it is about none. */
  requestId: string;
  method: string;
}

/** Sends a request. */
export type SendRequest = (job: OperationJob, request: OutgoingRequest, signal: AbortSignal) => Promise<Response>;

/** Makes the error of a failure, which is a number of `FailureKind`. */
export type ExplainFailure = (kind: number, facts: ErrorFacts) => FalError;

/** Called with every response, before its body is read. */
export type OnHead = (head: { requestId: string }, response: Response) => void;

/** The tries that a client may still afford. One for all its operations. */
export interface RetryBudget {
  spent: number;
}

/** What a caller gave along with an operation. None of it enters the core. */
export interface OperationJob {
  /** Where calls go. */
  transport: HostTransport;
  retryBudget: RetryBudget;
  endpoint?: string | undefined;
  input?: unknown;
  /** Headers of a run, a submit or an upload. */
  headers?: Record<string, string> | undefined;
  file?: UploadSource | undefined;
  /** Takes the items of a stream. */
  items?: StreamSink | undefined;
  onHead?: OnHead | undefined;
  /** The caller's own headers, for every request to fal. */
  own?: Record<string, string> | undefined;
  /** The caller's own query parameters of a run or a submit. */
  query?: Record<string, unknown> | undefined;
  /** For a call that goes directly to fal: a fresh token for each try, in place of a credential. */
  token?: ((signal: AbortSignal) => Promise<string>) | undefined;
  /** How requests are sent, when not as those of a model are. */
  send?: SendRequest | undefined;
  /** How a failure is explained, when not as that of a model is. */
  failure?: ExplainFailure | undefined;
  onEnqueue?: ((requestId: string) => void) | undefined;
  onQueueUpdate?: ((status: QueueStatus) => void) | undefined;
}

/** An operation: what it is opened with, and what stays in JavaScript. */
export type Operation = OperationOptions & OperationJob;

/**
 * Starts an operation that was opened; resolves or rejects as it ends. Its result is what fal answered, so its type is
 * the caller's to say.
 */
export type StartOperation = <Output = unknown>(
  given: Partial<OperationJob>,
  signal?: AbortSignal | undefined,
) => Promise<Output>;
