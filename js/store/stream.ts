/** The answer of a model as it comes, as state to watch. */

import type { Adjustable } from "./call.ts";
import { runs } from "./runs.ts";
import type {
  EndpointOrOutput,
  IdFor,
  InputFor,
  OutputFor,
  StreamState,
  StreamStore,
  StreamStoreClient,
  StreamStoreOptions,
} from "./types.ts";
import { watched } from "./watched.ts";

const IDLE: StreamState = {
  status: "idle",
  isPending: false,
  requestId: undefined,
  data: undefined,
  error: undefined,
};

/**
 * A stream to watch, without a framework. Making one starts nothing.
 *
 * ```ts
 * const answer = createFalStreamStore(fal, "fal-ai/any-llm");
 * answer.subscribe(() => (text.textContent = answer.getState().data?.output ?? ""));
 * answer.run({ prompt: "Why is the sky blue?" });
 * ```
 */
export function createFalStreamStore<Named extends EndpointOrOutput, Data = OutputFor<Named>>(
  client: StreamStoreClient,
  endpoint: IdFor<Named>,
  options?: StreamStoreOptions<OutputFor<Named>, Data>,
): StreamStore<InputFor<Named>, Data>;
/** @internal */
export function createFalStreamStore(
  client: StreamStoreClient,
  endpoint: string,
  options?: StreamStoreOptions,
): StreamStore & Adjustable<StreamStoreClient, StreamStoreOptions>;
export function createFalStreamStore(
  client: StreamStoreClient,
  endpoint: string,
  options: StreamStoreOptions = {},
): StreamStore & Adjustable<StreamStoreClient, StreamStoreOptions> {
  const state = watched(IDLE, { onLast: () => options.unmount === "cancel" && void calls.cancel() });
  const calls = runs(IDLE, state as any);
  return {
    ...state.store,
    run: (input, given) =>
      calls.run(input, async (abortSignal, change) => {
        const { unmount, reduce = (_, item) => item, ...usual } = options;
        const stream = await client.stream<any>(endpoint, { ...usual, ...given, input, abortSignal });
        stream.on("data", (item) => {
          const data = reduce(state.now().data, item);
          change({ status: "in_progress", requestId: stream.requestId, data } as object, true);
        });
        await stream.done();
        return { requestId: stream.requestId || undefined } as object;
      }) as any,
    cancel: calls.cancel as any,
    reset: calls.reset,
    adjust(nextClient, nextOptions) {
      client = nextClient;
      options = nextOptions;
    },
  };
}
