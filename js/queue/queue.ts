/** The queue: submitting, following, fetching, cancelling, and picking up again. */

import type { ClientContext } from "../client/context.ts";
import type { FalClient } from "../client/types.ts";
import type {
  CompletedQueueStatus,
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
import { callHeaders } from "../client/headers.ts";
import { NAMES, callback, choice, invalidOption, limit, millis, query, submission, text } from "../client/options.ts";
import { openStream } from "../stream/streaming.ts";
import { rememberCapability } from "../client/capabilities.ts";

/** The options of a call that follows a request. */
type FollowOptions = SubmitOptions<unknown> & QueueSubscribeOptions;

/** Calls about a request go to the proxy, or to fal with a key: no token opens them. */
const connectionMode = (options: object) => choice(options, "connectionMode", ["server"]);

export function createQueue({ transport: { capabilities }, open, streaming, withInput }: ClientContext): {
  queue: QueueClient;
  subscribe: FalClient["subscribe"];
} {
  /** Asks one question about a request. */
  const ask =
    (operation: number, names: string) =>
    async <Output>(endpoint: string, options: Partial<QueueStatusOptions> = {}): Promise<Output> => {
      const start = open(options, names, () => {
        connectionMode(options);
        return [
          { endpoint },
          { operation, endpoint, request: text(options, "requestId"), logs: Boolean(options.logs) },
        ];
      });
      return start({}, options.abortSignal);
    };

  const submit: QueueClient["submit"] = async (endpoint, options = {}) => {
    const start = open(options, NAMES.submit, () => {
      const job = { endpoint, headers: callHeaders(options, true), query: query(options) };
      return [job, { operation: OperationKind.Submit, endpoint, ...submission(options) }];
    });
    return withInput(options, start);
  };

  /**
   * Follows a request: one that is submitted first, or the one of `requestId`. `fetches` says whether it ends with the
   * result.
   */
  const follow = (
    endpoint: string,
    options: FollowOptions,
    fetches: boolean,
    mayStream: boolean,
    collector = logCollector(),
  ) =>
    open(options, NAMES.follow, () => {
      connectionMode(options);
      // Whoever resumes with an id that was lost on the way must not buy another run.
      if (options.requestId === "") throw new OperationError(FailureKind.RequestIdInvalid);
      const [onEnqueue, listener] = [callback(options, "onEnqueue"), callback(options, "onQueueUpdate")];
      const onQueueUpdate = (status: QueueStatus) => {
        const update = collector.update(status);
        return listener?.(update);
      };
      const job = { endpoint, headers: callHeaders(options, true), query: query(options), onEnqueue, onQueueUpdate };
      const mode = choice(options, "mode", [mayStream ? "streaming" : "polling", "streaming", "polling"]);
      const { logs, cancelOnTimeout = true, cancelOnAbort } = options;
      const order = {
        operation: OperationKind.Subscribe,
        endpoint,
        ...submission(options),
        request: text(options, "requestId"),
        fetches,
        polls: mode === "polling",
        pollInterval: millis(options, "pollInterval"),
        logs: Boolean(logs),
        cancelOnTimeout: Boolean(cancelOnTimeout),
        cancelOnAbort: Boolean(cancelOnAbort),
      };
      return [job, order];
    });

  const subscribe = <Output>(endpoint: string, options: FollowOptions = {}): Promise<Output> =>
    streaming(async (mayStream) => {
      const start = follow(endpoint, options, true, mayStream);
      return options.requestId ? start<Output>({}, options.abortSignal) : withInput<Output>(options, start);
    });

  const subscribeToStatus = (endpoint: string, options: FollowOptions = {}): Promise<CompletedQueueStatus> =>
    streaming(async (mayStream) => {
      const collector = logCollector();
      return collector.whole(await follow(endpoint, options, false, mayStream, collector)({}, options.abortSignal));
    });

  const streamStatus = async (endpoint: string, options: Partial<QueueStatusStreamOptions> = {}) => {
    const start = open(options, NAMES.status, () => {
      connectionMode(options);
      const [request, idle, logs] = [text(options, "requestId"), limit(options, "timeout"), Boolean(options.logs)];
      return [{ endpoint }, { operation: OperationKind.StreamStatus, endpoint, request, idle, logs }];
    });
    return openStream<unknown, QueueStatus>(endpoint, options.abortSignal, start);
  };

  const [status, result, cancel] = [
    ask(OperationKind.Status, NAMES.status),
    ask(OperationKind.Result, NAMES.request),
    ask(OperationKind.Cancel, NAMES.request),
  ];

  const handle = (endpoint: string | SavedRequest, id?: string): RequestHandle => {
    // What was saved may have lost its fields; then the calls refuse it.
    const saved = (typeof endpoint === "string" ? { endpointId: endpoint, requestId: id } : endpoint) as SavedRequest;
    const { endpointId, capability } = saved ?? {};
    const requestId = saved?.requestId ?? "";
    if (capability && !rememberCapability(capabilities, requestId, capability))
      callCore(() => invalidOption("capability", "is not one that a proxy of this package gave out"));
    const named = <Options extends object>(options?: Options) => ({ ...options, requestId });
    return {
      endpointId,
      requestId,
      status: (options) => status(endpointId, named(options)),
      streamStatus: (options) => streamStatus(endpointId, named(options)),
      subscribeToStatus: (options) => subscribeToStatus(endpointId, named(options)),
      subscribe: (options) => subscribe(endpointId, named(options)),
      result: (options) => result(endpointId, named(options)),
      cancel: (options) => cancel(endpointId, named(options)),
      toJSON: () => ({ endpointId, requestId, capability: capabilities.get(requestId) }),
    };
  };

  return { queue: { submit, status, streamStatus, subscribeToStatus, result, cancel, handle }, subscribe };
}
