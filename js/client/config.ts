/** How a client is configured. */

/** A text, or a function that gives one at the time of a call. */
export type Secret = string | (() => string | undefined | Promise<string | undefined>);

/** What a key may do, as its owner says: `API` and `ADMIN`, and the presets of fal's newer keys. */
export type KeyScope =
  "API" | "ADMIN" | "READONLY" | "BILLING" | "DEPLOY" | "SERVERLESS" | "COMPUTE" | "FULL" | (string & {});

/** A binding of a secret store, such as Cloudflare's. */
export interface SecretHandle {
  get(): Promise<string | null | undefined>;
}

/** The bindings of a worker, or the environment of a process. */
export type Env = Record<string, unknown>;

/** When to try again, and how patiently. Every number replaces the default of the operation. */
export interface RetryOptions {
  /** Tries after the first one. Default 3 (5 for a status and in an upload); 0 sends one request. */
  maxRetries: number;
  /** First wait in milliseconds. Default 500. */
  baseDelay: number;
  /** Longest wait in milliseconds. Default 20 000. */
  maxDelay: number;
  /** Growth of the wait from one try to the next. Default 2. */
  backoffMultiplier: number;
  /** Answers worth another try. Default 429, 502, 503, 504 (and 500 for a status; in an upload 408, 409, 429 and 5xx). */
  retryableStatusCodes: number[];
  /** Whether the wait is drawn between 0 and the computed one. Default true. */
  enableJitter: boolean;
  /**
   * What all tries of this client may cost together before calls that go well earn it back: 14 for a try after a
   * failure, 5 after a 429. Default 500; `Infinity` turns it off. In an outage it keeps a client from adding to it.
   */
  budget?: number;
}

/** Where a program runs. */
export interface ProxyRuntimeEnv {
  isBrowser: boolean;
}

/** When calls go through a proxy. Default `"browser"`: servers call fal themselves. */
export type ProxyRuntimeGate = "browser" | "always" | ((env: ProxyRuntimeEnv) => boolean);

/** Where the proxy is, and when calls from a server go through it, too. */
export interface ProxyUrlConfig {
  /** Relative to the page, https, or http on this machine. Never one of fal's own hosts. */
  url: string;
  /** Default `"browser"`. In a browser every call goes there, whatever is said here. */
  when?: ProxyRuntimeGate;
}

/** What `withProxy` is told. */
export interface RequestProxyConfig {
  /** The URL of the proxy. */
  targetUrl: string;
  /** Default `"browser"`. */
  when?: ProxyRuntimeGate;
}

/** A request as middleware sees it: where it goes, and the headers its options stand for. Never a credential, never a body. */
export interface RequestConfig {
  url: string;
  method: string;
  headers?: Record<string, string | string[]>;
}

/**
 * Called before each try of each request for fal; what it gives back is sent. In a browser the request still goes to
 * the proxy, and no key may be in it. A request that it sends to a host that is not fal's gets no key.
 */
export type RequestMiddleware = (request: RequestConfig) => Promise<RequestConfig>;

/** Reads an answer. What it throws, the call rejects with. */
export type ResponseHandler<Output> = (response: Response) => Promise<Output>;

/** The configuration of a client. */
export interface Config {
  /** The app's own proxy. In a browser every call goes there, and it is the only option that is needed. */
  proxyUrl?: string | ProxyUrlConfig;
  /** Used instead of the global `fetch`, and called like it; or something that has one, such as a service binding. */
  fetch?: ((url: any, init?: any) => Promise<Response>) | { fetch(url: any, init?: any): Promise<Response> };
  /** When to try again. */
  retry?: Partial<RetryOptions>;
  /**
   * Looks at each request for fal before it is sent, and may change it. What goes straight to fal with a token (realtime,
   * and streams with `connectionMode: "client"`) it does not see: a token goes to fal and nowhere else.
   */
  requestMiddleware?: RequestMiddleware;
  /**
   * Reads the answers of fal itself: of submits, statuses, cancels and uploads. Those of models (`run`, `result`) are
   * read as they are.
   */
  responseHandler?: ResponseHandler<any>;
  /** Accepted and ignored: a key in a browser is no matter of warnings here. */
  suppressLocalCredentialsWarning?: boolean;

  /**
   * Servers only: a key, `id:secret`. Wins over `env`. A function is asked for each call. Two of them while one replaces the
   * other: the second is tried once when fal refuses the first.
   */
  credentials?: Secret | [Secret, Secret] | undefined;
  /** Servers only: called when fal refuses the first key and the second is tried. */
  onKeyRejected?(rejected: { key: number }): unknown;
  /**
   * Servers only: what the key may do, where that is known; fal is never asked. With `"API"`, calls of `fal.platform` that
   * need ADMIN fail before they are sent (`scope_required`); otherwise fal decides.
   */
  scope?: KeyScope;
  /**
   * Servers only: where `FAL_KEY` (and `FAL_KEY_NEXT`, while one replaces the other), or `FAL_KEY_ID` and `FAL_KEY_SECRET`, are read for each call. Default: the
   * environment of the process.
   */
  env?: Env;
  /** Servers only: the token of `fal auth login`. Used only when there is no key. */
  loginToken?: Secret;
  /** Servers only: used instead of the global `WebSocket`. Node before 22 has none; that of the package "ws" will do. */
  WebSocket?: new (url: any, options?: any) => any;
  /**
   * Servers only: when no connection can be made to `fal.run` or `queue.fal.run`, the request goes to `falrun.com` or
   * `queue.falrun.com` at once, with the key. Default false.
   */
  backupHosts?: boolean;
  /** Servers only: endpoints that anybody may call. They get no credential. */
  publicEndpoints?: string[];
  /** Servers only: the reason why a runtime that is not known to be a server may be trusted like one. */
  dangerouslyTreatAsServer?: string;
}
