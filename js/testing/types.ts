/** What tests take and get. */

import type { Command, Fault } from "fal-emulator";

import type { Config } from "../client/config.ts";
import type { FalClient } from "../client/types.ts";
import type { ProxyOptions } from "../proxy/types.ts";

/** How fal is set up for a test. */
export interface TestFalOptions {
  /**
   * What happens while a call waits for fal. With `"jump"` no time passes: fal's clock jumps to what is waited for. With
   * `"manual"` it stands still until `advance` moves it, and with `"real"` it runs.
   *
   * @default "jump"
   */
  time?: "jump" | "manual" | "real";
  /** Makes the same ids and pictures in every run. @default 1 */
  seed?: number;
  /** How fal behaves at first, and after `reset`. @example { queue: { ahead: 3 } } */
  settings?: Command;
  /** More of the configuration of `fal`, such as `requestMiddleware`. Tries are repeated without a pause, unless `retry` says more. */
  client?: Omit<Config, "credentials" | "env" | "fetch" | "proxyUrl" | "WebSocket">;
  /** The proxy of `page`. @default every endpoint of the emulator, for one visitor */
  proxy?: Partial<ProxyOptions>;
  /** Takes the webhooks, such as the handler of `createWebhookHandler`. @default they are given up */
  onWebhook?: (request: Request) => Response | Promise<Response>;
}

/** fal in the memory of a test. */
export interface TestFal {
  /** A client that calls it, as a server does. */
  fal: FalClient;
  /** A key of it. */
  key: string;
  /** For what runs on a server: `fal.config(test.server)`, `createFalClient(test.server)`. */
  server: Pick<Config, "credentials" | "fetch" | "WebSocket" | "retry" | "dangerouslyTreatAsServer">;
  /** For what runs in a page: calls go through a proxy in memory. */
  page: { proxyUrl: string; fetch: (input: any, init?: any) => Promise<Response> };
  /** Answers what is sent to fal's addresses, and nothing else: for `createFalProxy({ fetch })`, and to look at pictures. */
  fetch: (input: any, init?: any) => Promise<Response>;
  /** Moves fal's clock forward, in milliseconds. */
  advance(ms: number): void;
  /** What goes wrong next, in place of what was to go wrong. @example test.faults({ then: { status: 503 } }) */
  faults(...faults: Fault[]): void;
  /** Changes the settings, or anything else that `/__control` of the emulator takes. Throws what is wrong with it. */
  control(command: Command): void;
  /** The requests that fal got, oldest first: method, host, path, names of headers, status. No key, no prompt. */
  requests(): TestRequest[];
  /** Everything that happened: requests, jobs, files, uploads, sockets, webhooks. */
  report(): any;
  /** Forgets what happened, and goes back to `settings`. */
  reset(): void;
  /** Ends it: streams and webhooks that are still under way come to nothing. */
  close(): void;
}

/** One request that fal got. */
export interface TestRequest {
  method: string;
  /** fal's name of the host, such as `"queue.fal.run"`. */
  host: string;
  /** The path on that host. */
  path: string;
  /** The names of query parameters, and of headers. */
  query: string[];
  headers: string[];
  /** Whether it came with a credential that is good; `null`: with none. */
  authorized: boolean | null;
  /** The status of the answer; `null`: the connection was dropped. */
  status: number | null;
}
