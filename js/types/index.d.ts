/**
 * The client. Names, options and results are those of `@fal-ai/client`; what differs is said at its place.
 *
 * One set of types serves both builds. In a browser a client takes `proxyUrl` and nothing that holds a credential: the
 * options of the edge build throw there.
 */

/** A text, or a function that gives one at the time of a call. */
export type Secret = string | (() => string | undefined | Promise<string | undefined>);

/** A binding of a secret store, such as Cloudflare's. */
export interface SecretHandle {
  get(): Promise<string | null | undefined>;
}

/** The bindings of a worker, or the environment of a process. */
export type Env = Record<string, unknown>;

/** When to try again, and how patiently. Every number replaces the default of the operation. */
export interface RetryOptions {
  /** Tries after the first one. Default 3 (5 for a status); 0 sends one request. */
  maxRetries: number;
  /** First wait in milliseconds. Default 500. */
  baseDelay: number;
  /** Longest wait in milliseconds. Default 20 000. */
  maxDelay: number;
  /** Growth of the wait from one try to the next. Default 2. */
  backoffMultiplier: number;
  /** Answers worth another try. Default 429, 502, 503, 504 (and 500 for a status). */
  retryableStatusCodes: number[];
  /** Whether the wait is drawn between 0 and the computed one. Default true. */
  enableJitter: boolean;
}

/** Where the proxy is, and when calls from a server go through it, too. */
export interface ProxyUrlConfig {
  /** Relative to the page, https, or http on this machine. Never one of fal's own hosts. */
  url: string;
  /** Default `"browser"`: servers call fal themselves. */
  when?: "browser" | "always" | ((env: { isBrowser: boolean }) => boolean);
}

/** The configuration of a client. */
export interface Config {
  /** The app's own proxy. In a browser every call goes there, and it is the only option that is needed. */
  proxyUrl?: string | ProxyUrlConfig;
  /** Used instead of the global `fetch`. Called with a URL and an init, like it. */
  fetch?: (url: any, init?: any) => Promise<Response>;
  /** When to try again. */
  retry?: Partial<RetryOptions>;

  /** Servers only: a key, `id:secret`. Wins over `env`. A function is asked for each call. */
  credentials?: Secret;
  /**
   * Servers only: where `FAL_KEY`, or `FAL_KEY_ID` and `FAL_KEY_SECRET`, are read for each call. Default: the
   * environment of the process.
   */
  env?: Env;
  /** Servers only: the token of `fal auth login`. Used only when there is no key. */
  loginToken?: Secret;
  /** Servers only: endpoints that anybody may call. They get no credential. */
  publicEndpoints?: string[];
  /** Servers only: the reason why a runtime that is not known to be a server may be trusted like one. */
  dangerouslyTreatAsServer?: string;
}

/** The answer of a model. */
export interface Result<T> {
  data: T;
  /** The id of the request at fal; empty when the answer did not name one. */
  requestId: string;
}

/** What can be said about running a model. */
export interface RunOptions<Input> {
  /** The input. Blobs and files in it are uploaded, and their URLs take their places. */
  readonly input?: Input;
  /** Default `post`. With `get` the input becomes the query. */
  readonly method?: "get" | "post" | "put" | "delete" | "patch" | (string & {});
  /** Aborts the call. */
  readonly abortSignal?: AbortSignal;
  /** How long the files of the result live, and who may read them; also those of the input that are uploaded. */
  readonly storageSettings?: StorageSettings;
  /** Seconds the request may wait to start, more than 1. */
  readonly startTimeout?: number;
  /** Asks for the runner that served this hint before. */
  readonly hint?: string;
  /** Headers of your own. */
  readonly headers?: HeadersInit;
}

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

/** Who may read a file. */
export interface StorageACL {
  default?: "hide" | "forbid" | "allow";
  rules?: { user: string; decision: "hide" | "forbid" | "allow" }[];
}

/** How long files live, and who may read them. */
export interface StorageSettings {
  /** Seconds, or one of these. `never` leaves it to the setting of the account. */
  expiresIn?: "never" | "immediate" | "1h" | "1d" | "7d" | "30d" | "1y" | number;
  initialAcl?: StorageACL;
}

/** Options of an upload. */
export interface UploadOptions {
  lifecycle?: StorageSettings;
}

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

/** fal's storage. */
export interface StorageClient {
  /** Uploads a file and resolves to its URL. */
  upload(file: Blob, options?: UploadOptions): Promise<string>;
  /** Uploads the files in an input; resolves to the input with their URLs in their places. */
  transformInput<Input>(input: Input): Promise<Input>;
}

/** The client. */
export interface FalClient {
  readonly queue: QueueClient;
  readonly storage: StorageClient;
  /** Runs a model and waits on one connection. If it breaks the result is lost: prefer `subscribe`. */
  run<Output = any>(endpointId: string, options?: RunOptions<any>): Promise<Result<Output>>;
  /** Queues a request, follows it, and resolves to its result. */
  subscribe<Output = any>(
    endpointId: string,
    options?: SubmitOptions<any> & QueueSubscribeOptions,
  ): Promise<Result<Output>>;
}

/** Creates a client. Throws at once what is wrong with its configuration. */
export declare function createFalClient(config?: Config): FalClient;

/**
 * The client for programs that need only one. What is configured later is added to what was configured before. In a
 * worker that serves several tenants use {@link createFalClient} for each request instead.
 */
export declare const fal: FalClient & { config(config: Config): void };

/** What every error of this package has. `name` is `AbortError` for an aborted call. */
export declare class FalError extends Error {
  /** Stable, for programs: `timeout`, `connection_lost`, `invalid_endpoint_id`, … */
  readonly code: string;
  /** Whether trying again can help. */
  readonly retryable: boolean;
  /** The endpoint that was called. */
  readonly endpoint?: string;
  /** The request at fal: set on every error after submitting. */
  readonly requestId?: string;
  /** How many times the failing request was sent. */
  readonly attempts: number;
  /** How long the server asked to wait. */
  readonly retryAfterMs?: number;
  /** What became of cancelling the request, when that was asked for. */
  readonly cancelled?: "accepted" | "refused" | "unknown";
}

/** A credential is missing, is not one, or is where it must not be. */
export declare class CredentialsError extends FalError {}

/** fal, or the proxy, answered with an error. */
export declare class ApiError<Body = any> extends FalError {
  constructor(args: { message: string; status: number; body?: any; requestId?: string; timeoutType?: string });
  readonly status: number;
  /** What the server explained itself with: parsed JSON, or text. May echo the input; it is not printed or serialised. */
  get body(): Body;
  readonly requestId: string;
  readonly timeoutType?: string;
  /** Whether the caller's own `startTimeout` ran out. */
  get isUserTimeout(): boolean;
}

/** One field that was refused. */
export interface ValidationErrorInfo {
  msg: string;
  loc: (string | number)[];
  type: string;
}

/** The input was refused (422). */
export declare class ValidationError extends ApiError<{ detail: ValidationErrorInfo[] }> {
  get fieldErrors(): ValidationErrorInfo[];
  getFieldErrors(field: string): ValidationErrorInfo[];
}
