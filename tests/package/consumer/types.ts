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
