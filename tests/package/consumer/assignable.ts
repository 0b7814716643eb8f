/** Where a program has both: values of the official client are ours, and ours are theirs. */

import type * as official from "@fal-ai/client";
import type * as ours from "fal-wasm";

interface Picture {
  images: { url: string }[];
}

declare const theirs: {
  result: official.Result<Picture>;
  status: official.QueueStatus;
  log: official.RequestLog;
};
declare const mine: {
  client: ours.FalClient;
  result: ours.Result<Picture>;
  status: ours.QueueStatus;
  log: ours.RequestLog;
};

export const results: [official.Result<Picture>, ours.Result<Picture>] = [mine.result, theirs.result];
export const statuses: [official.QueueStatus, ours.QueueStatus] = [mine.status, theirs.status];
export const logs: [official.RequestLog, ours.RequestLog] = [mine.log, theirs.log];

/** Parts of a client that a component is handed. */
export const parts: Pick<official.FalClient, "storage" | "realtime"> = mine.client;
export const queue: Pick<official.FalClient["queue"], "status" | "cancel"> = mine.client.queue;

/** What a program asks of either client, in types of its own. */
interface Runs {
  run(id: string, options: { input: { prompt: string } }): Promise<{ data: Picture; requestId: string }>;
  subscribe(
    id: string,
    options: { input: { prompt: string }; logs?: boolean; onQueueUpdate?: (status: official.QueueStatus) => void },
  ): Promise<{ data: Picture; requestId: string }>;
}
declare const client: official.FalClient;
export const runs: Runs[] = [mine.client, client];

/** Functions that are written for the official client, and take ours. */
type Runner = Pick<official.FalClient, "run" | "subscribe"> & {
  queue: Pick<official.FalClient["queue"], "submit" | "status" | "result" | "cancel">;
};
declare function draw(fal: Runner): void;
draw(mine.client);
draw(client);

/** What programs ask of the types of a call. */
export const options: Parameters<typeof mine.client.subscribe>[1] = { input: {}, logs: true };
export type Drawn = Awaited<ReturnType<typeof mine.client.subscribe<"a/b">>>["data"];
export type Later = Awaited<ReturnType<typeof mine.client.queue.result<"a/b">>>["data"];
