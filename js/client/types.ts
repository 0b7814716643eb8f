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
import type { EndpointOrOutput, IdFor, InputFor, OutputFor, Result, RunOptions } from "./run.ts";
import type { WsClient } from "./ws-types.ts";

/**
 * The client. A function that is written for `run`, `subscribe`, `queue.submit`, `queue.result` and the like of the official
 * `FalClient` takes it, too.
 */
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
  run<Named extends EndpointOrOutput>(endpointId: IdFor<Named>): Promise<Result<OutputFor<Named>>>;
  run<Named extends EndpointOrOutput>(
    endpointId: IdFor<Named>,
    options: RunOptions<InputFor<Named>>,
  ): Promise<Result<OutputFor<Named>>>;
  /** Queues a request, follows it, and resolves to its result. */
  subscribe<Named extends EndpointOrOutput>(endpointId: IdFor<Named>): Promise<Result<OutputFor<Named>>>;
  subscribe<Named extends EndpointOrOutput>(
    endpointId: IdFor<Named>,
    options: SubmitOptions<InputFor<Named>> & QueueSubscribeOptions,
  ): Promise<Result<OutputFor<Named>>>;
}
