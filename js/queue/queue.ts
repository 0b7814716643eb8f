/** The queue: submitting, following, fetching, cancelling, and picking up again. */

import type { ClientContext } from "../client/context.ts";
import type { FalClient } from "../client/types.ts";
import type {
  CompletedQueueStatus,
  InQueueQueueStatus,
  QueueClient,
  QueueStatus,
  QueueStatusOptions,
  QueueStatusStreamOptions,
  QueueSubscribeOptions,
  RequestHandle,
  SavedRequest,
  SubmitOptions,
} from "./types.ts";
import { callCore } from "../core/call-core.ts";
import { FailureKind, OperationKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import { logCollector } from "./logs.ts";
import { invalidOption } from "../client/checks.ts";
import { FOLLOW, FOLLOW_QUEUED, REQUEST, STATUS, SUBMIT } from "../client/options.ts";
import { createStream } from "../stream/fal-stream.ts";
import { rememberCapability } from "../client/capabilities.ts";

/** The options of a call that follows a request. */
type FollowOptions = SubmitOptions<unknown> & QueueSubscribeOptions;

export function createQueue({ transport: { capabilities }, open, call, streaming }: ClientContext): {
  queue: QueueClient;
  subscribe: FalClient["subscribe"];
} {
  const submit = (endpoint: string, options: SubmitOptions<unknown> = {}): Promise<InQueueQueueStatus> =>
    call(OperationKind.Submit, endpoint, options, SUBMIT);

  /** Asks one question about a request. */
  const ask =
    (operation: OperationKind, table: typeof REQUEST) =>
    <Output>(endpoint: string, options: Partial<QueueStatusOptions> = {}): Promise<Output> =>
      call(operation, endpoint, options, table);

  /**
   * Follows a request: one that is submitted first, or the one of `requestId`. `fetches` says whether it ends with the
   * result.
   */
  const follow = <Output>(endpoint: string, options: FollowOptions, fetches: boolean, collector = logCollector()) => {
    const table = (fetches ? FOLLOW : FOLLOW_QUEUED) as typeof FOLLOW;
    return streaming((mayStream) =>
      call<Output, typeof FOLLOW>(OperationKind.Subscribe, endpoint, options, table, ({ mode, onQueueUpdate }) => {
        // Whoever resumes with an id that was lost on the way must not buy another run.
        if (options.requestId === "") throw new OperationError(FailureKind.RequestIdInvalid);
        return {
          fetches,
          polls: mode ? mode === "polling" : !mayStream,
          onQueueUpdate: (status: QueueStatus) => {
            const update = collector.update(status);
            return onQueueUpdate?.(update);
          },
        };
      }),
    );
  };

  const subscribe = <Output>(endpoint: string, options: FollowOptions = {}) => follow<Output>(endpoint, options, true);

  const subscribeToStatus = async (endpoint: string, options: FollowOptions = {}): Promise<CompletedQueueStatus> => {
    const collector = logCollector();
    return collector.whole(await follow(endpoint, options, false, collector));
  };

  const streamStatus = async (endpoint: string, options: Partial<QueueStatusStreamOptions> = {}) =>
    createStream<unknown, QueueStatus>(
      endpoint,
      options.abortSignal,
      open(OperationKind.StreamStatus, endpoint, options, STATUS),
    );

  /** The calls about a request. */
  const calls = {
    status: ask(OperationKind.Status, STATUS),
    streamStatus,
    subscribeToStatus,
    result: ask(OperationKind.Result, REQUEST),
    cancel: ask(OperationKind.Cancel, REQUEST),
  };

  const handle = (endpoint: string | SavedRequest, id?: string): RequestHandle => {
    // What was saved may have lost its fields; then the calls refuse it.
    const saved = (typeof endpoint === "string" ? { endpointId: endpoint, requestId: id } : endpoint) as SavedRequest;
    const { endpointId, capability } = saved ?? {};
    const requestId = saved?.requestId ?? "";
    if (capability && !rememberCapability(capabilities, requestId, capability))
      callCore(() => invalidOption("capability", "is not one that a proxy of this package gave out"));
    const about = Object.entries({ ...calls, subscribe }).map(([name, call]) => [
      name,
      (options?: object) => call(endpointId, { ...options, requestId }),
    ]);
    return {
      endpointId,
      requestId,
      ...Object.fromEntries(about),
      toJSON: () => ({ endpointId, requestId, capability: capabilities.get(requestId) }),
    };
  };

  return { queue: { submit, ...calls, handle }, subscribe };
}
