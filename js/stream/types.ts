/** Models that answer as they go. */

import type { EndpointOrOutput, IdFor, InputFor, OutputFor, RunOptions } from "../client/run.ts";

/** What can be said about a stream. */
export interface StreamOptions<Input> extends RunOptions<Input> {
  /**
   * Longest silence in milliseconds. Set, it counts from the start; unset, a model may take its time to begin, and then
   * 60 000.
   */
  readonly timeout?: number;
  /**
   * The URL of the stream in place of the one of the endpoint id, as `https://fal.run/owner/app/path?query`. One of another
   * host is refused.
   */
  readonly url?: string;
  /** What is asked for. Default `text/event-stream`; with another type the items are the bytes as they come. */
  readonly accept?: string;
  /**
   * Default `"server"`: through your proxy, or with the key on a server. `"client"` goes straight to fal with a
   * short-lived token, which is asked for through your proxy, or of `tokenProvider`.
   */
  readonly connectionMode?: "server" | "client";
  /** Gives a token for an endpoint, such as `fal-ai/any-llm/stream`. Asked for each try. */
  readonly tokenProvider?: (endpoint: string) => string | Promise<string>;
  /** The same as `abortSignal`. */
  readonly signal?: AbortSignal;
  /** The same as `query`. */
  readonly queryParams?: Record<string, any>;
  /** Files of an input are always uploaded: `false` is refused. */
  readonly autoUpload?: boolean;
}

/**
 * The answer of a model as it comes. Loop over it, listen to it, or wait for its end; each of these gets errors.
 *
 * While a loop is slower than the model nothing more is read, and the model is slowed down. Leaving the loop stops it. A loop
 * that begins after more than 1,024 items went to listeners begins with what comes next.
 */
export interface FalStream<Input, Output> extends AsyncIterable<Output> {
  readonly endpointId: string;
  /** The id of the request at fal; empty until the answer has begun. */
  readonly requestId: string;
  /** Aborted when the stream is. */
  readonly signal: AbortSignal;
  /** Resolves to the last item when the stream is over, also when it was aborted; rejects with what went wrong. */
  done(): Promise<Output>;
  /** Stops the stream, and the model with it. Whoever loops or waits gets what came so far. */
  abort(reason?: unknown): void;
  on(type: "data" | "message", listener: (item: Output) => void): void;
  on(type: "done", listener: (last: Output) => void): void;
  on(type: "error", listener: (error: any) => void): void;
}

/** Models that answer as they go. */
export interface StreamingClient {
  /** Runs a model and gets its answer as it comes. Resolves before the answer begins. */
  stream<Named extends EndpointOrOutput>(
    endpointId: IdFor<Named>,
    options?: StreamOptions<InputFor<Named>>,
  ): Promise<FalStream<InputFor<Named>, OutputFor<Named>>>;
}

/** A step of a workflow begins. */
export interface WorkflowSubmitEvent {
  type: "submit";
  node_id: string;
  app_id: string;
  request_id: string;
}

/** A step of a workflow is over. */
export interface WorkflowCompletionEvent<Output = any> {
  type: "completion";
  node_id: string;
  output: Output;
}

/** The workflow is over. */
export interface WorkflowOutputEvent<Output = any> {
  type: "output";
  output: Output;
}

/** A step of a workflow failed. */
export interface WorkflowErrorEvent {
  type: "error";
  node_id: string;
  message: string;
  error: { status: number; body: any };
}

/** What the stream of a workflow brings: `fal.stream<WorkflowEvent>("workflows/…")`. */
export type WorkflowEvent<Output = any> =
  WorkflowSubmitEvent | WorkflowCompletionEvent | WorkflowOutputEvent<Output> | WorkflowErrorEvent;
