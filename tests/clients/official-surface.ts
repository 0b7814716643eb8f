/**
 * What a program can write with the official client, and with ours: the options of each call, and the members of each part.
 * The compiler compares them (tests/clients/official-surface.test.mjs).
 */

import type * as official from "@fal-ai/client";
import type * as ours from "fal-wasm";

type Second<Call extends (...args: any) => unknown> = NonNullable<Parameters<Call>[1]>;
type Config<Create extends (config?: any) => unknown> = NonNullable<Parameters<Create>[0]>;
type Settled<Call extends (...args: any) => unknown> = Awaited<ReturnType<Call>>;

interface Client {
  run(id: any, options: any): unknown;
  subscribe(id: any, options: any): unknown;
  stream(id: any, options: any): unknown;
  queue: Record<"submit" | "status" | "streamStatus" | "subscribeToStatus" | "result" | "cancel", any>;
  storage: { upload(file: any, options?: any): unknown };
  realtime: { connect(app: any, handler: any): unknown };
}

interface Options<Of extends Client, Made> {
  createFalClient: Made;
  run: Second<Of["run"]>;
  subscribe: Second<Of["subscribe"]>;
  stream: Second<Of["stream"]>;
  "queue.submit": Second<Of["queue"]["submit"]>;
  "queue.status": Second<Of["queue"]["status"]>;
  "queue.streamStatus": Second<Of["queue"]["streamStatus"]>;
  "queue.subscribeToStatus": Second<Of["queue"]["subscribeToStatus"]>;
  "queue.result": Second<Of["queue"]["result"]>;
  "queue.cancel": Second<Of["queue"]["cancel"]>;
  "storage.upload": Second<Of["storage"]["upload"]>;
  "realtime.connect": Second<Of["realtime"]["connect"]>;
}

interface Members<Of extends Client & { streaming: unknown }> {
  FalClient: Of;
  QueueClient: Of["queue"];
  StorageClient: Of["storage"];
  StreamingClient: Of["streaming"];
  RealtimeClient: Of["realtime"];
  RealtimeConnection: ReturnType<Of["realtime"]["connect"]>;
  FalStream: Settled<Of["stream"]>;
}

interface Groups<Of extends Client & { streaming: unknown }, Made, Retry, Settings>
  extends Options<Of, Made>, Members<Of> {
  RetryOptions: Retry;
  StorageSettings: Settings;
}

type Official = Groups<
  official.FalClient,
  Config<typeof official.createFalClient>,
  official.RetryOptions,
  official.StorageSettings
>;
type Ours = Groups<ours.FalClient, Config<typeof ours.createFalClient>, ours.RetryOptions, ours.StorageSettings>;

/** Names in any part of a union. */
type Names<T> = T extends unknown ? keyof T : never;
type Missing = {
  [
    Group in keyof Official as Exclude<Names<Official[Group]>, Names<Ours[Group]>> extends never ? never : Group
  ]: Exclude<Names<Official[Group]>, Names<Ours[Group]>>;
};

/** What only the official client has. Each name stands under "Deliberate differences" in docs/guide/migrating.md. */
interface Differences {
  "queue.subscribeToStatus": "priority" | "startTimeout";
  FalStream: "url" | "options" | "config";
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : [A, "is not", B];
export const told: Same<Missing, Pick<Differences, keyof Differences>> = true;
