"use client";
/** `fal-wasm/react`: hooks. A component that goes takes its call along, unless it says `unmount: "keep"`. */

import { useEffect, useState, useSyncExternalStore } from "react";

import type { EndpointType, OutputType } from "../client/run.ts";
import { actionsOf } from "./actions.ts";
import { type Adjustable, createFalStore } from "./call.ts";
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

/** A store made elsewhere, such as in a module: shows its state, and lets it be when the component goes. */
export function useFalStore<State extends object, Actions>(
  store: Store<State> & Actions,
): State & Omit<Actions, keyof Store<State>>;
export function useFalStore(store: Store<object>): object {
  const state = useSyncExternalStore(store.subscribe, store.getState, store.getServerState);
  return { ...actionsOf(store), ...state };
}

/** The store of a component: another one when the key is another, and told of what it is rendered with. */
function useOwn<Client, Options extends { unmount?: unknown }>(
  create: (client: any, endpoint: any, options: any) => Store<any>,
  client: Client,
  endpoint: string,
  given: Options,
  key: unknown = endpoint,
): any {
  const options = { unmount: "cancel", ...given };
  const make = () => ({ key, store: create(client, endpoint, options) });
  const [own, setOwn] = useState(make);
  const { store } = own.key === key ? own : made();
  function made() {
    const next = make();
    setOwn(next);
    return next;
  }
  useEffect(() => (store as unknown as Adjustable<Client, Options>).adjust(client, options as Options));
  return useFalStore(store);
}

/**
 * A call of a model: what there is to show of it, and what can be done with it. Rendering starts nothing.
 *
 * ```jsx
 * const { run, cancel, isPending, position, data, error } = useFal(fal, "fal-ai/flux/dev", { resume: true });
 * ```
 */
export function useFal<Named extends EndpointOrOutput>(
  client: StoreClient,
  endpoint: IdFor<Named>,
  options?: StoreOptions,
): CallState<OutputFor<Named>> & CallActions<InputFor<Named>, OutputFor<Named>>;
export function useFal(client: StoreClient, endpoint: string, options: StoreOptions = {}): CallState & CallActions {
  return useOwn(createFalStore, client, endpoint, options, `${endpoint}:${options.resume}`);
}

/**
 * The answer of a model as it comes.
 *
 * ```jsx
 * const { run, cancel, data } = useFalStream(fal, "fal-ai/any-llm");
 * ```
 */
export function useFalStream<Named extends EndpointOrOutput, Data = OutputFor<Named>>(
  client: StreamStoreClient,
  endpoint: IdFor<Named>,
  options?: StreamStoreOptions<OutputFor<Named>, Data>,
): StreamState<Data> & StreamActions<InputFor<Named>, Data>;
export function useFalStream(
  client: StreamStoreClient,
  endpoint: string,
  options: StreamStoreOptions = {},
): StreamState & StreamActions {
  return useOwn(createFalStreamStore, client, endpoint, options);
}

/**
 * A realtime connection, opened by the first message.
 *
 * ```jsx
 * const { send, data } = useFalRealtime(fal, "fal-ai/fast-lcm-diffusion");
 * ```
 */
export function useFalRealtime<Id extends EndpointType>(
  client: RealtimeStoreClient,
  app: Id,
  options?: RealtimeStoreOptions<OutputType<Id>>,
): RealtimeState<OutputType<Id>> & RealtimeActions<RealtimeInput<Id>>;
export function useFalRealtime(
  client: RealtimeStoreClient,
  app: string,
  options: RealtimeStoreOptions = {},
): RealtimeState & RealtimeActions {
  return useOwn(createFalRealtimeStore, client, app, options);
}
