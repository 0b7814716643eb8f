/**
 * The client as programs see it. Names, options and results are those of `@fal-ai/client`.
 *
 * One set of types serves both builds. In a browser a client takes `proxyUrl` and nothing that holds a credential: the
 * options of the server build throw there.
 */

import type { PlatformClient } from "../platform/types.ts";
import type { QueueClient, QueueSubscribeOptions, SubmitOptions } from "../queue/types.ts";
import type { RealtimeClient } from "../realtime/types.ts";
import type { StorageClient } from "../storage/types.ts";
import type { StreamingClient } from "../stream/types.ts";
import type { EndpointType, IdFor, InputType, OutputType, Result, RunOptions } from "./run.ts";
import type { WsClient } from "./ws-types.ts";

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
