/** What an app's compiler must accept, and what it must not. */

import {
  ApiError,
  type Config,
  type FileSource,
  type QueueStatus,
  type Result,
  type StorageSettings,
  type UploadOptions,
  type UploadProgress,
  createFalClient,
  fal,
} from "fal-wasm";
import { type PlatformList, type RotationError, createPlatformClient } from "fal-wasm/platform";
import { type ProxyOptions, createFalProxy } from "fal-wasm/proxy";
import {
  type ReplayStore,
  type WebhookEvent,
  WebhookError,
  createWebhookHandler,
  verifyWebhook,
} from "fal-wasm/webhook";

interface Picture {
  images: { url: string; width: number; height: number }[];
}

const config: Config = { proxyUrl: { url: "/api/fal/proxy", when: "browser" }, retry: { maxRetries: 0 } };
fal.config(config);

export async function generate(prompt: string, file?: File): Promise<string | undefined> {
  const states: QueueStatus["status"][] = [];
  const { data, requestId }: Result<Picture> = await fal.subscribe<Picture>("fal-ai/flux/dev", {
    input: { prompt, image_url: file },
    logs: true,
    onEnqueue: (id: string) => void id,
    onQueueUpdate(status) {
      states.push(status.status);
      if (status.status === "IN_PROGRESS") for (const { message } of status.logs) void message;
      if (status.status === "IN_QUEUE") void status.queue_position.toFixed();
    },
  });
  void requestId.length;
  return data.images[0]?.url;
}

export async function status(requestId: string): Promise<number | undefined> {
  try {
    await createFalClient({ credentials: async () => "id:secret" }).queue.status("fal-ai/flux", {
      requestId,
      logs: true,
    });
  } catch (error) {
    if (error instanceof ApiError) return error.status;
  }
  return undefined;
}

interface Env {
  FAL_KEY: string;
}

const options: ProxyOptions = {
  authenticate: async (request) => ({ id: request.headers.get("x-user") ?? "" }),
  allowedEndpoints: ["fal-ai/flux/**"],
};

export default {
  fetch: createFalProxy(options) satisfies (request: Request, env: Env, context: unknown) => Promise<Response>,
};

const taken: WebhookEvent<Picture>[] = [];
const replayStore: ReplayStore = { seen: async (id, ttlSeconds) => id.length > ttlSeconds, forget: async () => {} };

export const hook: (request: Request, env: Env, context: unknown) => Promise<Response> = createWebhookHandler<Picture>({
  replayStore,
  onEvent: (event) => void taken.push(event),
  onError(error) {
    if (error instanceof WebhookError) void [error.code, error.status.toFixed()];
  },
});

export async function seedOf(request: Request): Promise<number | string | undefined> {
  const event = await verifyWebhook<Picture>(request);
  const again: boolean = event.duplicate;
  if (again) return undefined;
  return event.status === "OK" ? event.payload.images[0]?.width : event.error;
}

// @ts-expect-error: what was parsed cannot be verified
void verifyWebhook({ headers: {}, body: { request_id: "r" } });
// @ts-expect-error: a handler of nothing
createWebhookHandler({});
// @ts-expect-error: a proxy without a policy
createFalProxy({ authenticate: () => null });
// @ts-expect-error: there is no such priority
void fal.queue.submit("a/b", { priority: "high" });
// @ts-expect-error: a status is asked for by its id
void fal.queue.status("a/b", {});
// @ts-expect-error: a stream does not say how long it is
void fal.storage.upload(new ReadableStream(), {});
// @ts-expect-error: a path or a URL is no file
void fal.storage.upload("/tmp/picture.png");

/** Everything that can be uploaded, and everything that can be said about it. */
export async function files(stream: ReadableStream<Uint8Array>, abortSignal: AbortSignal): Promise<string[]> {
  const lifecycle: StorageSettings = { expiresIn: "7d", initialAcl: { default: "forbid" } };
  const sources: FileSource[] = [new Blob([]), new ArrayBuffer(1), new Float32Array(2), "data:,hello"];
  const onProgress = ({ loaded, total }: UploadProgress) => console.log(loaded / total);
  const options: UploadOptions = { lifecycle, onProgress, abortSignal, contentType: "image/png", fileName: "a.png" };
  const urls = sources.map((source) => fal.storage.upload(source, options));
  return Promise.all([...urls, fal.storage.upload(stream, { ...options, size: 10 })]);
}

// The Platform APIs: by path, by list, by name.
const platform = createPlatformClient({
  credentials: async () => "id:secret",
  scope: "ADMIN",
  retry: { maxRetries: 1 },
});
const found = await platform.GET("/models", { params: { query: { limit: 10, endpoint_id: ["a/b"] } } });
const displayName: string | undefined = found.data.models[0]?.metadata?.display_name;
const cursor: string | null | undefined = found.data.next_cursor;
const answered: number = found.response.status;
await platform.GET("/meta");
await platform.DELETE("/keys/{key_id}", { params: { path: { key_id: "x" } }, idempotencyKey: "mine" });
await platform.POST("/keys", { body: { alias: "a" }, timeout: 1_000 });
// @ts-expect-error no such operation
await platform.PUT("/models");
// @ts-expect-error a name in the path is missing
await platform.DELETE("/keys/{key_id}");
// @ts-expect-error a body of another shape
await platform.POST("/keys", { body: { name: "a" } });
// @ts-expect-error a query parameter of another type
await platform.GET("/models", { params: { query: { limit: "ten" } } });
const lines: AsyncIterable<unknown> = (await platform.POST("/serverless/logs/stream")).data;
const archive: ArrayBuffer = await platform.files.download("data/a.bin");
const csv: string = (await platform.GET("/account/focus", { params: { query: { source: "invoice" } } })).data;
for await (const key of platform.keys.list({ limit: 7 }, { signal: AbortSignal.timeout(1_000) })) key.alias.trim();
for await (const page of platform.list("/assets/collections").pages()) page.collections[0]?.name.trim();
for await (const model of platform.models.search("flux", { category: "text-to-image" })) model.endpoint_id.trim();
const models: PlatformList<{ endpoint_id: string }, unknown> = platform.models.list();
const one: string | undefined = (await platform.models.get("a/b"))?.endpoint_id;
const price: number | undefined = (await platform.models.pricing(["a/b", "c/d"]))[0]?.unit_price;
const cost: number = (
  await platform.models.estimate({ estimate_type: "unit_price", endpoints: { "a/b": { unit_quantity: 2 } } })
).total_cost;
for await (const { bucket, results } of platform.models.usage({ timeframe: "day" })) [bucket, results[0]?.cost_total];
for await (const { results } of platform.models.analytics({ endpoint_id: "a/b" })) results[0]?.request_count;
for await (const { request_id } of platform.requests.list({ endpoint_id: "a/b", status: "error" })) request_id.trim();
for await (const { similarity } of platform.requests.search({ query: "a cat" })) similarity?.toFixed();
const made: string = (await platform.keys.create("a")).key;
await platform.keys.revoke("x");
const balance: number | undefined = (await platform.account.billing({ expand: "credits" })).credits?.current_balance;
for await (const { message } of platform.logs.history({ level: "error" }, [{ key: "app", value: "x" }])) message.trim();
const logs: AsyncIterable<unknown> = await platform.logs.stream({ app_id: "me/app" });
const uploaded: boolean = await platform.files.upload("a.txt", "hello", { unzip: false });
const names: string[] = (await platform.files.list("data")).map(({ name }) => name);
const access: "allow" | "forbid" | "hide" = (await platform.storage.acl("https://v3.fal.media/a")).default;
const signed: string = (await platform.storage.sign("https://v3.fal.media/a", { expiration_seconds: 60 })).signed_url;
const ranges: string[] = (await platform.meta()).webhook_ip_ranges;
try {
  const { keyId, revoked } = await platform.keys.rotate({
    alias: "shop",
    deploy: async ({ key }) => void key.length,
    verify: ({ keyId }) => keyId !== "",
    revokeOld: ({ created_at }) => created_at < "2027",
  });
  [keyId, revoked];
} catch (error) {
  if ((error as RotationError).code === "rotation_stopped") await (error as RotationError).resume();
}
await fal.platform.account.billing();
console.log(
  displayName,
  cursor,
  status,
  lines,
  archive,
  csv,
  models,
  one,
  price,
  cost,
  made,
  balance,
  logs,
  uploaded,
  names,
);
console.log(access, signed, ranges);
