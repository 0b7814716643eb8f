/** How a client is configured. */

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
  /** Servers only: used instead of the global `WebSocket`. Node before 22 has none; that of the package "ws" will do. */
  WebSocket?: new (url: any, options?: any) => any;
  /** Servers only: endpoints that anybody may call. They get no credential. */
  publicEndpoints?: string[];
  /** Servers only: the reason why a runtime that is not known to be a server may be trusted like one. */
  dangerouslyTreatAsServer?: string;
}
