/** A program for `@fal-ai/client`, in the style of its documentation. It must compile for it, and for us by its import alone. */

import {
  ApiError,
  type CompletedQueueStatus,
  type FalClient,
  type FalStream,
  type InProgressQueueStatus,
  type InQueueQueueStatus,
  type Metrics,
  type OutputType,
  type ProxyRuntimeEnv,
  type ProxyRuntimeGate,
  type ProxyUrlConfig,
  type QueueClient,
  type QueueStatus,
  type RealtimeClient,
  type RequestLog,
  type RequestMiddleware,
  type RequestProxyConfig,
  type ResponseHandler,
  type Result,
  type RetryOptions,
  type RunOptions,
  type StorageACL,
  type StorageACLRule,
  type StorageClient,
  type StorageSettings,
  type StreamingClient,
  type TokenProvider,
  type UrlOptions,
  ValidationError,
  type ValidationErrorInfo,
  type WebHookResponse,
  createFalClient,
  fal,
  isCompletedQueueStatus,
  isQueueStatus,
  isRetryableError,
  parseEndpointId,
  withMiddleware,
  withProxy,
} from "@fal-ai/client";

fal.config({ credentials: "FAL_KEY" });
fal.config({ credentials: () => undefined, suppressLocalCredentialsWarning: true });
fal.config({ proxyUrl: "/api/fal/proxy" });
fal.config({ proxyUrl: { url: "/api/fal/proxy", when: ({ isBrowser }) => isBrowser } });
fal.config({ fetch: globalThis.fetch, retry: { maxRetries: 5, enableJitter: false, retryableStatusCodes: [429] } });

const log: RequestMiddleware = async (request) => {
  console.log(request.method, request.url);
  return { ...request, headers: { ...request.headers, "x-app": ["a", "b"] } };
};
const proxied: RequestProxyConfig = { targetUrl: "/api/fal/proxy", when: "always" };
const handler: ResponseHandler<any> = async (response) => response.json();
const client: FalClient = createFalClient({
  requestMiddleware: withMiddleware(log, withProxy(proxied)),
  responseHandler: handler,
});

export async function run() {
  const result = await fal.run("my-function-id", { input: { foo: "bar" }, method: "post", startTimeout: 30 });
  console.log(result.data.anything, result.requestId);
  const { data } = await fal.run("owner/app", {});
  return data;
}

export async function subscribe(file: File, controller: AbortController) {
  const result = await fal.subscribe("my-team/my-model", {
    input: { prompt: "a cat", image_url: file },
    pollInterval: 5000,
    logs: true,
    mode: "polling",
    timeout: 60_000,
    priority: "low",
    webhookUrl: "https://app.example/hook",
    headers: { "x-app": "1" },
    storageSettings: { expiresIn: "1d", initialAcl: { default: "forbid", rules: [] } },
    abortSignal: controller.signal,
    onEnqueue: (requestId) => console.log(requestId.length),
    onQueueUpdate: (update) => {
      if (update.status === "IN_QUEUE") console.log(update.queue_position);
      if (update.status === "IN_PROGRESS") update.logs.map((line) => line.message).forEach(console.log);
    },
  });
  return result.data.images[0].url;
}

export async function queue() {
  const { request_id: requestId, status_url } = await fal.queue.submit("owner/app/path", {
    input: { prompt: "a cat" },
    hint: "lora-a",
    priority: "normal",
    webhookUrl: "https://app.example/hook",
  });
  console.log(status_url);
  const status: QueueStatus = await fal.queue.status("owner/app", { requestId, logs: true });
  if (isQueueStatus(status) && isCompletedQueueStatus(status)) console.log(status.metrics?.inference_time);
  const completed: CompletedQueueStatus = await fal.queue.subscribeToStatus("owner/app", {
    requestId,
    logs: true,
    pollInterval: 100,
    onQueueUpdate: (update: QueueStatus) => void update,
  });
  const events = await fal.queue.streamStatus("owner/app", { requestId, logs: false });
  for await (const event of events) console.log(event.status);
  const result: Result<any> = await fal.queue.result("owner/app", { requestId });
  await fal.queue.cancel("owner/app", { requestId });
  return [completed.logs, result.data];
}

export async function stream() {
  const stream = await fal.stream("owner/llm", {
    input: { prompt: "hello" },
    queryParams: { x: "1" },
    timeout: 15_000,
  });
  stream.on("data", (data) => console.log(data));
  stream.on("error", (error) => console.log(error));
  stream.on("done", (last) => console.log(last));
  for await (const event of stream) console.log(event.partial);
  const last = await stream.done();
  if (!last) stream.abort("enough");
  return [last, stream.requestId, stream.signal.aborted];
}

export function realtime(tokenProvider: TokenProvider) {
  const connection = fal.realtime.connect("owner/app", {
    connectionKey: "key",
    throttleInterval: 64,
    maxBuffering: 2,
    clientOnly: true,
    tokenProvider,
    tokenExpirationSeconds: 60,
    path: "/realtime",
    encodeMessage: (input) => JSON.stringify(input),
    decodeMessage: async (data) => JSON.parse(data),
    onResult: (result) => console.log(result.request_id),
    onError: (error) => console.log(error.message),
  });
  connection.send({ prompt: "a cat", request_id: "1" });
  connection.close();
}

export async function storage(file: Blob) {
  const url: string = await fal.storage.upload(file, { lifecycle: { expiresIn: 3600 } });
  return [url, await fal.storage.transformInput({ image_url: file })];
}

export async function errors() {
  try {
    await client.run("owner/app", { input: {} });
  } catch (error) {
    if (error instanceof ValidationError) {
      const infos: ValidationErrorInfo[] = error.fieldErrors;
      return [infos, error.getFieldErrors("prompt").map(({ msg, loc, type }) => [msg, loc.join(), type])];
    }
    if (error instanceof ApiError)
      return [error.status, error.body.detail, error.requestId, error.isUserTimeout, error.timeoutType];
    if (isRetryableError(error, [429, 503])) return "later";
  }
  return new ApiError({ message: "mine", status: 418 });
}

export const parts = (id: string) => {
  const { owner, alias, path, namespace } = parseEndpointId(id);
  return [owner, alias, path ?? "", namespace ?? ""];
};

export function hook(response: WebHookResponse<{ images: string[] }>) {
  return response.status === "OK" ? response.payload.images : response.error;
}

export type Everything = [
  InProgressQueueStatus,
  InQueueQueueStatus,
  Metrics,
  OutputType<"owner/app">,
  ProxyRuntimeEnv,
  ProxyRuntimeGate,
  ProxyUrlConfig,
  QueueClient,
  RealtimeClient,
  RequestLog,
  RetryOptions,
  RunOptions<{ prompt: string }>,
  StorageACL,
  StorageACLRule,
  StorageClient,
  StorageSettings,
  StreamingClient,
  UrlOptions,
  FalStream<any, any>,
];
