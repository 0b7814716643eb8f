/** A realtime connection, as state to watch. */

import type { EndpointType, InputType, OutputType } from "../client/run.ts";
import type { RealtimeConnection } from "../realtime/types.ts";
import type { Adjustable } from "./call.ts";
import type { RealtimeState, RealtimeStore, RealtimeStoreClient, RealtimeStoreOptions } from "./types.ts";
import { watched } from "./watched.ts";

const IDLE: RealtimeState = { status: "idle", data: undefined, error: undefined };

/** What a connection takes, by the id of its app. */
export type RealtimeInput<Id extends string> = Partial<InputType<Id>> & Record<string, any>;

/**
 * A realtime connection to watch, without a framework. Nothing is opened before the first `send`.
 *
 * ```ts
 * const drawing = createFalRealtimeStore(fal, "fal-ai/fast-lcm-diffusion");
 * drawing.subscribe(() => show(drawing.getState().data?.images));
 * drawing.send({ prompt, image_url });
 * ```
 */
export function createFalRealtimeStore<Id extends EndpointType>(
  client: RealtimeStoreClient,
  app: Id,
  options?: RealtimeStoreOptions<OutputType<Id>>,
): RealtimeStore<RealtimeInput<Id>, OutputType<Id>>;
/** @internal */
export function createFalRealtimeStore(
  client: RealtimeStoreClient,
  app: string,
  options?: RealtimeStoreOptions,
): RealtimeStore & Adjustable<RealtimeStoreClient, RealtimeStoreOptions>;
export function createFalRealtimeStore(
  client: RealtimeStoreClient,
  app: string,
  options: RealtimeStoreOptions = {},
): RealtimeStore & Adjustable<RealtimeStoreClient, RealtimeStoreOptions> {
  let connection: RealtimeConnection | undefined;
  const close = () => {
    if (!connection) return;
    connection.close();
    connection = undefined;
    state.set({ status: "closed" });
  };
  const state = watched(IDLE, { onLast: () => options.unmount === "cancel" && close() });

  /** What was being opened is not: the next message tries again. */
  const isNotMade = (of: RealtimeConnection, change: Partial<RealtimeState> = {}) => {
    const isConnecting = state.now().status === "connecting";
    if (connection === of) state.set({ ...change, ...(isConnecting && { status: "idle" }) });
  };

  const connect = () => {
    const { unmount, ...settings } = options;
    const mine: RealtimeConnection = client.realtime.connect(app, {
      ...settings,
      onResult(data) {
        if (connection === mine) state.set({ data, error: undefined }, true);
        options.onResult?.(data);
      },
      onError(error) {
        isNotMade(mine, { error });
        options.onError?.(error);
      },
      onDrop(input, reason) {
        if (reason === "connection_lost") isNotMade(mine);
        options.onDrop?.(input, reason);
      },
      onOpen() {
        if (connection === mine) state.set({ status: "open", error: undefined });
        options.onOpen?.();
      },
    });
    return mine;
  };

  return {
    ...state.store,
    send(input) {
      try {
        connection ??= connect();
        if (state.now().status !== "open") state.set({ status: "connecting" });
        connection.send(input);
      } catch (error) {
        state.set({ error: error as RealtimeState["error"] });
      }
    },
    close,
    adjust(nextClient, nextOptions) {
      client = nextClient;
      options = nextOptions;
    },
  };
}
