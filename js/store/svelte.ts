/**
 * `fal-wasm/svelte`: stores as Svelte has them, for `$picture` in a component. One that goes takes its call along, unless it
 * says `unmount: "keep"`.
 */

import type { EndpointType, OutputType } from "../client/run.ts";
import { actionsOf } from "./actions.ts";
import { createFalStore } from "./call.ts";
import { type RealtimeInput, createFalRealtimeStore } from "./realtime.ts";
import { createFalStreamStore } from "./stream.ts";
import type {
  CallActions,
  CallState,
  EndpointOrOutput,
  IdFor,
  InputFor,
  OutputFor,
  RealtimeActions,
  RealtimeState,
  RealtimeStoreClient,
  RealtimeStoreOptions,
  Store,
  StoreClient,
  StoreOptions,
  StreamActions,
  StreamState,
  StreamStoreClient,
  StreamStoreOptions,
} from "./types.ts";

/** What Svelte subscribes to: it calls back with the state, at once and whenever that has changed. */
export interface Readable<State> {
  subscribe(listener: (state: State) => void): () => void;
}

/** A store made elsewhere, such as in a module. */
export function useFalStore<State extends object, Actions>(
  store: Store<State> & Actions,
): Readable<State> & Omit<Actions, keyof Store<State>>;
export function useFalStore(store: Store<object>): object {
  return {
    ...actionsOf(store),
    subscribe(listener: (state: object) => void) {
      const leave = store.subscribe(() => listener(store.getState()));
      listener(store.getState());
      return leave;
    },
  };
}

/**
 * A call of a model: what there is to show of it, and what can be done with it.
 *
 * ```svelte
 * const picture = useFal(fal, "fal-ai/flux/dev", { resume: true }); // $picture.data, picture.run({ prompt })
 * ```
 */
export function useFal<Named extends EndpointOrOutput>(
  client: StoreClient,
  endpoint: IdFor<Named>,
  options?: StoreOptions,
): Readable<CallState<OutputFor<Named>>> & CallActions<InputFor<Named>, OutputFor<Named>>;
export function useFal(client: StoreClient, endpoint: string, options?: StoreOptions): object {
  return useFalStore(createFalStore(client, endpoint, { unmount: "cancel", ...options }));
}

/**
 * The answer of a model as it comes.
 *
 * ```svelte
 * const answer = useFalStream(fal, "fal-ai/any-llm"); // $answer.data, answer.run({ prompt })
 * ```
 */
export function useFalStream<Named extends EndpointOrOutput, Data = OutputFor<Named>>(
  client: StreamStoreClient,
  endpoint: IdFor<Named>,
  options?: StreamStoreOptions<OutputFor<Named>, Data>,
): Readable<StreamState<Data>> & StreamActions<InputFor<Named>, Data>;
export function useFalStream(client: StreamStoreClient, endpoint: string, options?: StreamStoreOptions): object {
  return useFalStore(createFalStreamStore(client, endpoint, { unmount: "cancel", ...options }));
}

/**
 * A realtime connection, opened by the first message.
 *
 * ```svelte
 * const drawing = useFalRealtime(fal, "fal-ai/fast-lcm-diffusion"); // $drawing.data, drawing.send({ prompt })
 * ```
 */
export function useFalRealtime<Id extends EndpointType>(
  client: RealtimeStoreClient,
  app: Id,
  options?: RealtimeStoreOptions<OutputType<Id>>,
): Readable<RealtimeState<OutputType<Id>>> & RealtimeActions<RealtimeInput<Id>>;
export function useFalRealtime(client: RealtimeStoreClient, app: string, options?: RealtimeStoreOptions): object {
  return useFalStore(createFalRealtimeStore(client, app, { unmount: "cancel", ...options }));
}
