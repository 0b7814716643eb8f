/** A call of a model through fal's queue, as state to watch. */

import type { QueueStatus, RequestHandle } from "../queue/types.ts";
import type { Result } from "../client/run.ts";
import { type Work, runs } from "./runs.ts";
import { saved } from "./saved.ts";
import type {
  CallState,
  CallStore,
  EndpointOrOutput,
  IdFor,
  InputFor,
  OutputFor,
  StoreCallOptions,
  StoreClient,
  StoreOptions,
} from "./types.ts";
import { watched } from "./watched.ts";

const IDLE: CallState = {
  status: "idle",
  isPending: false,
  position: undefined,
  progress: undefined,
  logs: [],
  requestId: undefined,
  data: undefined,
  error: undefined,
  cancelled: undefined,
};

/** The last percentage that a log tells. */
function percentage({ logs }: { logs?: { message: string }[] }): number | undefined {
  const told = (logs ?? []).map(({ message }) => /.*?(\d+(?:\.\d+)?)%/.exec(message)?.[1]).filter(Boolean);
  return told.length ? Math.min(Number(told.pop()) / 100, 1) : undefined;
}

/** What only this package's hooks call. @internal */
export interface Adjustable<Client, Options> {
  /** Takes what a component was rendered with last. */
  adjust(client: Client, options: Options): void;
}

/**
 * A call to watch, without a framework. Making one starts nothing.
 *
 * ```ts
 * const picture = createFalStore(fal, "fal-ai/flux/dev", { resume: true });
 * picture.subscribe(() => render(picture.getState()));
 * const { data, error } = await picture.run({ prompt: "a cat in the rain" });
 * ```
 */
export function createFalStore<Named extends EndpointOrOutput>(
  client: StoreClient,
  endpoint: IdFor<Named>,
  options?: StoreOptions,
): CallStore<InputFor<Named>, OutputFor<Named>>;
/** @internal */
export function createFalStore(
  client: StoreClient,
  endpoint: string,
  options?: StoreOptions,
): CallStore & Adjustable<StoreClient, StoreOptions>;
export function createFalStore(
  client: StoreClient,
  endpoint: string,
  options: StoreOptions = {},
): CallStore & Adjustable<StoreClient, StoreOptions> {
  let isFirst = true;
  const state = watched(IDLE, {
    onFirst() {
      if (isFirst && options.resume) void resume();
      isFirst = false;
    },
    onLast: () => options.unmount === "cancel" && void calls.cancel(),
  });
  const handle = saved(endpoint, () => options);
  const calls = runs(IDLE, state, { position: undefined, progress: undefined }, ({ error, requestId }) => {
    // A request that was only lost sight of can be found again, and so can a result that nobody saw.
    const goesOn = error?.retryable && requestId;
    if (!goesOn && state.isWatched()) void handle.forget();
  });

  const work =
    (given: StoreCallOptions, call: (options: object) => Promise<Result<any>>): Work<CallState> =>
    async (abortSignal, change) => {
      const { unmount, resume, storage, progress = percentage, ...usual } = options;
      const own = { ...usual, ...given };
      const { data, requestId } = await call({
        logs: true,
        ...own,
        abortSignal,
        cancelOnAbort: true,
        onEnqueue(requestId: string) {
          change({ requestId }, true);
          if (!abortSignal.aborted) void handle.write(client.queue.handle(endpoint, requestId));
          return own.onEnqueue?.(requestId);
        },
        onQueueUpdate(status: QueueStatus) {
          const { queue_position: position, allLogs: logs = state.now().logs } = status as any;
          const isWaiting = status.status === "IN_QUEUE";
          change(
            {
              status: isWaiting ? "in_queue" : "in_progress",
              position: isWaiting ? position : undefined,
              progress: progress(status as any) ?? state.now().progress,
              logs,
            },
            true,
          );
          return own.onQueueUpdate?.(status);
        },
      });
      return { data, requestId };
    };

  const resume: CallStore["resume"] = async (given) => {
    const found = calls.pending() ? undefined : (given ?? (await handle.read()));
    // A run may have begun meanwhile.
    if (calls.pending() || !found) return calls.pending() ?? state.now();
    const follow = work({}, (options) => (client.queue.handle(found) as RequestHandle).subscribe(options));
    return calls.run(found, follow, { requestId: found.requestId });
  };

  return {
    ...state.store,
    run(input, given = {}) {
      const pending = calls.pending();
      const ended = calls.run(
        input,
        work(given, (options) => client.subscribe(endpoint, { ...options, input })),
      );
      // The one before it is not to be found again: it is being cancelled.
      if (pending && pending !== ended) void handle.forget();
      return ended;
    },
    cancel: calls.cancel,
    resume,
    reset() {
      void handle.forget();
      calls.reset();
    },
    adjust(nextClient, nextOptions) {
      client = nextClient;
      options = nextOptions;
    },
  };
}
