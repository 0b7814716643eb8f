/** The official client and this one, each where the other is expected: a library takes either. */

import * as official from "@fal-ai/client";
import * as ours from "fal-wasm";

/** What a program uses of a client. */
const USED = ["run", "subscribe", "stream"] as const;
type Used = (typeof USED)[number];

// Ours where a program names the official type.
const client: official.FalClient = ours.createFalClient({ proxyUrl: "/api/fal/proxy" });
const singleton: Pick<typeof official.fal, Used | "queue" | "realtime" | "storage" | "streaming"> = ours.fal;
const queue: official.QueueClient = ours.fal.queue;
const realtime: official.RealtimeClient = ours.fal.realtime;
const storage: official.StorageClient = ours.fal.storage;
const config: ours.Config = { proxyUrl: "/api/fal/proxy" } satisfies official.Config;
const error: (caught: unknown) => caught is official.FalError = (caught) => caught instanceof ours.FalError;

// The official one where a program names ours, for what both have.
const calls: Pick<ours.FalClient, Used> = official.fal as official.FalClient;

export { calls, client, config, error, queue, realtime, singleton, storage };
