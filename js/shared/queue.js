/** The queue: submitting, following, fetching, cancelling, and picking up again. */

import * as core from "./core.js";
import { logCollector } from "./logs.js";
import { callHeaders } from "./headers.js";
import { callback, choice, millis, query, submission, text } from "./options.js";
import { openStream } from "./streaming.js";

/** @typedef {import("../types/index.d.ts").FalClient} FalClient */
/** @typedef {import("../types/index.d.ts").QueueClient} QueueClient */

/** @param {import("./desk.js").Desk} desk @returns {{ queue: QueueClient, subscribe: FalClient["subscribe"] }} */
export function createQueue({ open, streaming, withInput }) {
  /** @param {core.Question} question @returns {(endpoint: string, options?: any) => Promise<any>} */
  const ask =
    (question) =>
    async (endpoint, options = {}) => {
      const start = open(options, () => {
        const request = text(options, "requestId");
        const logs = Boolean(options.logs);
        return [{ endpoint }, (...given) => core.ask(...given, question, String(endpoint), request, logs)];
      });
      return start({}, options.abortSignal);
    };

  /** @type {QueueClient["submit"]} */
  const submit = async (endpoint, options = {}) => {
    const start = open(options, () => {
      const job = { endpoint, headers: callHeaders(options, true), query: query(options) };
      const request = submission(options);
      return [job, (...given) => core.submit(...given, String(endpoint), ...request)];
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
      const [onEnqueue, listener] = [callback(options, "onEnqueue"), callback(options, "onQueueUpdate")];
      const collect = logCollector();
      const onQueueUpdate = listener && ((/** @type {any} */ status) => listener(collect(status)));
      const job = { endpoint, headers: callHeaders(options, true), query: query(options), onEnqueue, onQueueUpdate };
      const [request, known] = [submission(options), text(options, "requestId")];
      const mode = choice(options, "mode", [mayStream ? "streaming" : "polling", "streaming", "polling"]);
      const polls = mode === "polling";
      const interval = millis(options, "pollInterval");
      const { logs, cancelOnTimeout = true, cancelOnAbort } = options;
      const flags = /** @type {const} */ ([fetches, polls, Boolean(logs)]);
      const endings = /** @type {const} */ ([Boolean(cancelOnTimeout), Boolean(cancelOnAbort)]);
      return [
        job,
        (...given) => core.subscribe(...given, String(endpoint), ...request, known, ...flags, interval, ...endings),
      ];
    });

  /** @param {string} endpoint @param {any} [options] @returns {Promise<any>} */
  const subscribe = (endpoint, options = {}) =>
    streaming(async (mayStream) => {
      const start = follow(endpoint, options, true, mayStream);
      return options.requestId ? start({}, options.abortSignal) : withInput(options, start);
    });

  /** @type {QueueClient["subscribeToStatus"]} */
  const subscribeToStatus = (endpoint, options = /** @type {any} */ ({})) =>
    streaming(async (mayStream) => follow(endpoint, options, false, mayStream)({}, options.abortSignal));

  /** @type {QueueClient["streamStatus"]} */
  const streamStatus = async (endpoint, options = /** @type {any} */ ({})) => {
    const start = open(options, () => {
      const [request, idle, logs] = [text(options, "requestId"), millis(options, "timeout"), Boolean(options.logs)];
      return [{ endpoint }, (...given) => core.streamStatus(...given, String(endpoint), request, logs, idle)];
    });
    return openStream(endpoint, options.abortSignal, start);
  };

  const [status, result, cancel] = [core.Question.Status, core.Question.Result, core.Question.Cancel].map(ask);

  /**
   * @param {string | import("../types/index.d.ts").SavedRequest} endpoint @param {string} [id]
   * @returns {import("../types/index.d.ts").RequestHandle}
   */
  const handle = (endpoint, id) => {
    const { endpointId, requestId } =
      typeof endpoint === "string" ? { endpointId: endpoint, requestId: id ?? "" } : endpoint;
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
      toJSON: () => ({ endpointId, requestId }),
    };
  };

  return { queue: { submit, status, streamStatus, subscribeToStatus, result, cancel, handle }, subscribe };
}
