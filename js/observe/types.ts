/** What `fal-wasm/observe` tells of a client's requests: never a key, an input, an output, or a query. */

/** What a request is for. */
export type ObservedOperation =
  | "run"
  | "stream"
  | "submit"
  | "status"
  | "status_stream"
  | "result"
  | "cancel"
  | "token"
  | "upload"
  | "platform"
  | "other";

/** A request that is sent. */
export interface ObservedRequest {
  /** Counted from 1, of all that this configuration has sent. A retry has a number of its own. */
  readonly number: number;
  readonly operation: ObservedOperation;
  readonly method: string;
  /** Where it goes in the end: `queue.fal.run`, also when it goes there through a proxy. */
  readonly host: string;
  /** Whether it goes through a proxy. */
  readonly isProxied: boolean;
  /** The endpoint it is about, such as `fal-ai/flux/dev`; of a request in the queue the app, such as `fal-ai/flux`. */
  readonly endpoint: string | undefined;
  /** The request in the queue it is about. */
  readonly requestId: string | undefined;
  /** Counted from 1: 2 is the first retry, told by what is sent again after a failure. */
  readonly attempt: number;
}

/** What became of it: a status, or an error where no answer came. */
export interface ObservedResponse extends ObservedRequest {
  /** HTTP's, when there was an answer. */
  readonly status: number | undefined;
  /** What `fetch` threw: its name, such as `TypeError` or `AbortError`. */
  readonly error: string | undefined;
  /** Milliseconds until the answer began. */
  readonly ms: number;
  /** The id that fal gave the request, when the answer names one in its headers. */
  readonly answeredId: string | undefined;
}

/** Who wants to know. What a hook throws is written to the console, and changes nothing. */
export interface ObserveOptions {
  /** Called before each request. */
  readonly onRequest?: (request: ObservedRequest) => void;
  /** Called when an answer has begun, or none came. */
  readonly onResponse?: (response: ObservedResponse) => void;
  /** Called before `onRequest` when something is sent again, with what became of it before. */
  readonly onRetry?: (request: ObservedRequest, failed: ObservedResponse) => void;
  /**
   * One readable line for each step: `true` for the console, or a function that takes the line.
   *
   * @default false
   */
  readonly debug?: boolean | ((line: string) => void);
}
