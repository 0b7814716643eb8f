import type { Env, Secret } from "./index.d.ts";

/** Who asks, as the app knows them. */
export interface Principal {
  /** Never empty. */
  id: string;
}

/** The policy of a proxy. */
export interface ProxyOptions {
  /**
   * Who asks? Anything but an object with an `id` is a no: nothing, a throw, and no answer within 10 seconds. Look at
   * headers and cookies; the body is not yours to read, it streams on to fal.
   */
  authenticate(
    request: Request,
    env: any,
    context: any,
  ): Principal | null | undefined | Promise<Principal | null | undefined>;
  /**
   * The endpoints that may be called, for example `["fal-ai/flux/**"]`. `*` is one segment, `**` at the end any number
   * of them. What is not named is refused, for every method.
   */
  allowedEndpoints: string[];
  /** Origins of pages, other than the proxy's own, that may call it: `["https://app.example"]`. Default: none. */
  trustedOrigins?: string[];
  /** Whether browsers may upload files. Default true. */
  uploads?: boolean;
  /**
   * Whether browsers may have short-lived tokens for realtime connections to the endpoints that are allowed (their ids
   * end in `/realtime`). A token is good until it expires, whoever holds it. Default false. `expirationSeconds`: 120.
   *
   * fal's older contract knows an app only by its bare name and opens all of it; it is used only where the newer one is
   * not to be had, and only for apps of which everything is allowed (`"owner/app/**"`).
   */
  realtimeTokens?: boolean | { expirationSeconds?: number };
  /** `x-fal-*` request headers that are passed on. Default: none. */
  forwardHeaders?: (
    | "x-fal-no-retry"
    | "x-fal-request-start-timeout"
    | "x-fal-request-timeout"
    | "x-fal-object-lifecycle-preference"
    | "x-fal-object-lifecycle"
  )[];
  /** Called when a fal key arrives from a browser. The call is refused; the key is somewhere in this request. */
  onKeyLeak?(request: Request): void | Promise<void>;
  /** A key, `id:secret`. Wins over `env`. */
  credentials?: Secret;
  /** Where the key is read for each call. Default: the bindings the handler is called with, else the environment. */
  env?: Env;
  /** Used instead of the global `fetch`; a function, or something that has one, such as a service binding. */
  fetch?: ((url: any, init?: any) => Promise<Response>) | { fetch(url: any, init?: any): Promise<Response> };
  /** The reason why a runtime that is not known to be a server may be trusted like one. */
  dangerouslyTreatAsServer?: string;
}

/**
 * Makes a proxy: a handler with the signature of a Worker's `fetch`, which always answers. Throws at once what is wrong
 * with its options.
 */
export declare function createFalProxy(
  options: ProxyOptions,
): (request: Request, env?: any, context?: any) => Promise<Response>;
