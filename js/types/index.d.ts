/**
 * The client. Names, options and results are those of `@fal-ai/client`; what differs is said at its place.
 *
 * One set of types serves both builds. In a browser a client takes `proxyUrl` and nothing that holds a credential: the
 * options of the edge build throw there.
 */

import type { Config } from "./config.js";
import type { QueueClient, QueueSubscribeOptions, SubmitOptions } from "./queue.js";
import type { RealtimeClient } from "./realtime.js";
import type { PlatformClient } from "./platform.js";
import type { EndpointType, IdFor, InputType, OutputType, Result, RunOptions } from "./run.js";
import type { StorageClient } from "./storage.js";
import type { StreamingClient } from "./streaming.js";
import type { WsClient } from "./ws.js";

export * from "./config.js";
export * from "./errors.js";
export * from "./queue.js";
export * from "./realtime.js";
export * from "./run.js";
export * from "./storage.js";
export * from "./streaming.js";
export type { WebHookResponse } from "./webhook.js";
export * from "./ws.js";

/** The client. */
export interface FalClient {
  readonly queue: QueueClient;
  readonly storage: StorageClient;
  readonly streaming: StreamingClient;
  /** Runs a model and gets its answer as it comes. */
  readonly stream: StreamingClient["stream"];
  readonly realtime: RealtimeClient;
  readonly ws: WsClient;
  /** Servers only: the Platform APIs, with the same key; made when it is first asked for. */
  readonly platform: PlatformClient;
  /** Runs a model and waits on one connection. If it breaks the result is lost: prefer `subscribe`. */
  run<Output = never>(endpointId: IdFor<Output>, options?: RunOptions<any>): Promise<Result<Output>>;
  run<Id extends EndpointType>(endpointId: Id, options?: RunOptions<InputType<Id>>): Promise<Result<OutputType<Id>>>;
  /** Queues a request, follows it, and resolves to its result. */
  subscribe<Output = never>(
    endpointId: IdFor<Output>,
    options?: SubmitOptions<any> & QueueSubscribeOptions,
  ): Promise<Result<Output>>;
  subscribe<Id extends EndpointType>(
    endpointId: Id,
    options?: SubmitOptions<InputType<Id>> & QueueSubscribeOptions,
  ): Promise<Result<OutputType<Id>>>;
}

/** Creates a client. Throws at once what is wrong with its configuration. */
export declare function createFalClient(config?: Config): FalClient;

/**
 * The client for programs that need only one. What is configured later is added to what was configured before. In a
 * worker that serves several tenants use {@link createFalClient} for each request instead.
 */
export declare const fal: FalClient & { config(config: Config): void };
