/** The queue: submitting, following, fetching, cancelling, and picking up again. */

import { FailureKind, OperationKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import { logCollector } from "./logs.ts";
import { callHeaders } from "../client/headers.ts";
import { callback, choice, millis, query, submission, text } from "../client/options.ts";
import { openStream } from "../stream/streaming.ts";
import { rememberCapability } from "../client/capabilities.ts";

/** @typedef {import("../types/index.d.ts").FalClient} FalClient */
/** @typedef {import("../types/index.d.ts").QueueClient} QueueClient */

/** @param {import("../client/context.ts").ClientContext} context @returns {{ queue: QueueClient, subscribe: FalClient["subscribe"] }} */
export function createQueue({ transport: { capabilities }, open, streaming, withInput }) {
  /** @param {number} operation @returns {(endpoint: string, options?: any) => Promise<any>} */
  const ask =
    (operation) =>
    async (endpoint, options = {}) => {
      const start = open(options, () => {
        return [
          { endpoint },
          { operation, endpoint, request: text(options, "requestId"), logs: Boolean(options.logs) },
        ];
      });
      return start({}, options.abortSignal);
    };

  /** @type {QueueClient["submit"]} */
  const submit = async (endpoint, options = {}) => {
    const start = open(options, () => {
      const job = { endpoint, headers: callHeaders(options, true), query: query(options) };
      return [job, { operation: OperationKind.Submit, endpoint, ...submission(options) }];
    });
    return withInput(options, start);
  };

  /**
   * Follows a request: one that is submitted first, or the one of `requestId`.
   *
   * @param {string} endpoint @param {any} options @param {boolean} fetches Whether it ends with the result.
   * @param {boolean} mayStream
   */
  const follow = (endpoint, options, fetches, mayStream) =>
    open(options, () => {
      // Whoever resumes with an id that was lost on the way must not buy another run.
      if (options.requestId === "") throw new OperationError(FailureKind.RequestIdInvalid);
      const [onEnqueue, listener] = [callback(options, "onEnqueue"), callback(options, "onQueueUpdate")];
      const collect = logCollector();
      const onQueueUpdate = listener && ((/** @type {any} */ status) => listener(collect(status)));
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

  /** @param {string} endpoint @param {any} [options] @returns {Promise<any>} */
  const subscribe = (endpoint, options = {}) =>
    streaming(async (mayStream) => {
      const start = follow(endpoint, options, true, mayStream);
      return options.requestId ? start({}, options.abortSignal) : withInput(options, start);
    });

  /** @type {QueueClient["subscribeToStatus"]} */
  const subscribeToStatus = (endpoint, options = /** @type {any} */ {}) =>
    streaming(async (mayStream) => follow(endpoint, options, false, mayStream)({}, options.abortSignal));

  /** @type {QueueClient["streamStatus"]} */
  const streamStatus = async (endpoint, options = /** @type {any} */ {}) => {
    const start = open(options, () => {
      const [request, idle, logs] = [text(options, "requestId"), millis(options, "timeout"), Boolean(options.logs)];
      return [{ endpoint }, { operation: OperationKind.StreamStatus, endpoint, request, idle, logs }];
    });
    return openStream(endpoint, options.abortSignal, start);
  };

  const [status, result, cancel] = [OperationKind.Status, OperationKind.Result, OperationKind.Cancel].map(ask);

  /**
   * @param {string | import("../types/index.d.ts").SavedRequest} endpoint @param {string} [id]
   * @returns {import("../types/index.d.ts").RequestHandle}
   */
  const handle = (endpoint, id) => {
    /** @type {any} */
    const saved = typeof endpoint === "string" ? { endpointId: endpoint, requestId: id } : endpoint;
    const { endpointId, capability } = saved ?? {};
    const requestId = saved?.requestId ?? "";
    if (capability) rememberCapability(capabilities, requestId, capability);
    const named = (/** @type {any} */ options) => ({ ...options, requestId });
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
