/** `fal-wasm/vue`: composables. A component that goes takes its call along, unless it says `unmount: "keep"`. */

import {
  type ComputedRef,
  computed,
  getCurrentInstance,
  getCurrentScope,
  onMounted,
  onScopeDispose,
  shallowRef,
} from "vue";

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

/** A state as refs, each of which changes by itself. */
export type Refs<State> = { readonly [Name in keyof State]-?: ComputedRef<State[Name]> };

/** A store made elsewhere, such as in a module: shows its state, and lets it be when the component goes. */
export function useFalStore<State extends object, Actions>(
  store: Store<State> & Actions,
): Refs<State> & Omit<Actions, keyof Store<State>>;
export function useFalStore(store: Store<Record<string, unknown>>): object {
  const state = shallowRef(store.getServerState());
  const names = Object.keys(state.value);
  let leave = () => {};
  const watch = () => {
    const show = () => (state.value = store.getState());
    leave = store.subscribe(show);
    show();
  };
  // A server mounts nothing, and so starts nothing.
  if (getCurrentInstance()) onMounted(watch);
  else watch();
  if (getCurrentScope()) onScopeDispose(() => leave());
  return { ...actionsOf(store), ...Object.fromEntries(names.map((name) => [name, computed(() => state.value[name])])) };
}

/**
 * A call of a model: what there is to show of it, as refs, and what can be done with it.
 *
 * ```ts
 * const { run, cancel, isPending, position, data, error } = useFal(fal, "fal-ai/flux/dev", { resume: true });
 * ```
 */
export function useFal<Named extends EndpointOrOutput>(
  client: StoreClient,
  endpoint: IdFor<Named>,
  options?: StoreOptions,
): Refs<CallState<OutputFor<Named>>> & CallActions<InputFor<Named>, OutputFor<Named>>;
export function useFal(client: StoreClient, endpoint: string, options?: StoreOptions): object {
  return useFalStore(createFalStore(client, endpoint, { unmount: "cancel", ...options }));
}

/**
 * The answer of a model as it comes.
 *
 * ```ts
 * const { run, cancel, data } = useFalStream(fal, "fal-ai/any-llm");
 * ```
 */
export function useFalStream<Named extends EndpointOrOutput, Data = OutputFor<Named>>(
  client: StreamStoreClient,
  endpoint: IdFor<Named>,
  options?: StreamStoreOptions<OutputFor<Named>, Data>,
): Refs<StreamState<Data>> & StreamActions<InputFor<Named>, Data>;
export function useFalStream(client: StreamStoreClient, endpoint: string, options?: StreamStoreOptions): object {
  return useFalStore(createFalStreamStore(client, endpoint, { unmount: "cancel", ...options }));
}

/**
 * A realtime connection, opened by the first message.
 *
 * ```ts
 * const { send, data } = useFalRealtime(fal, "fal-ai/fast-lcm-diffusion");
 * ```
 */
export function useFalRealtime<Id extends EndpointType>(
  client: RealtimeStoreClient,
  app: Id,
  options?: RealtimeStoreOptions<OutputType<Id>>,
): Refs<RealtimeState<OutputType<Id>>> & RealtimeActions<RealtimeInput<Id>>;
export function useFalRealtime(client: RealtimeStoreClient, app: string, options?: RealtimeStoreOptions): object {
  return useFalStore(createFalRealtimeStore(client, app, { unmount: "cancel", ...options }));
}
