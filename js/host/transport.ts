/** The transport of a client: where its calls go, and through what of the caller's own. Both hosts have one. */

import type { Capabilities } from "../client/capabilities.ts";
import type { RequestMiddleware, Secret } from "../client/config.ts";

/** Where to look for a key. Values of `env` are strings, or handles of a secret store with an async `get()`. */
export interface Credentials {
  /** Two while one replaces the other. */
  credentials?: Secret | [Secret, Secret] | undefined;
  env?: Record<string, unknown> | undefined;
  loginToken?: Secret | undefined;
}

/** Reads an answer in place of this package. */
export type AnswerReader = (response: Response) => unknown;

export interface Transport {
  /** What the configuration says of credentials. Where everybody can read it, functions in it are asked at each call. */
  credentials: Credentials;
  /** The URL of the proxy; empty where there is none, or where calls go to fal. */
  proxy: string;
  fetch: typeof fetch | undefined;
  middleware: RequestMiddleware | undefined;
  responseHandler: AnswerReader | undefined;
  /**
   * How many statuses may be followed by a stream at once: a browser has six connections to a server that speaks
   * HTTP/1.1, and an app needs some of them for itself.
   */
  statusStreams: number;
  /** What shows a proxy that requests belong to this client. */
  capabilities: Capabilities;
}

/** The transport of the server build, which can call fal itself. */
export interface ServerTransport extends Transport {
  /** Whether this runtime can keep a secret. */
  trusted: boolean;
  onKeyRejected: ((rejected: { key: number }) => unknown) | undefined;
  /** Used instead of the global `WebSocket`. */
  WebSocket: (new (url: string, options?: object) => WebSocket) | undefined;
  /** Apps that anybody may call: they get no key. */
  publicApps: string[];
}
