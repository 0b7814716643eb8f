/** Small questions that programs ask about what they were given. */

import type { CompletedQueueStatus, QueueStatus } from "../queue/types.ts";
import type { EndpointId } from "./run.ts";
import { FailureKind } from "../core/wire.ts";
import { callCore } from "../core/call-core.ts";
import { ApiError, FalError } from "../errors/errors.ts";
import { endpointOf } from "../core/texts.ts";
import { classifyFetchError } from "../driver/classify-error.ts";

const NAMESPACES = ["workflows", "comfy"] as const;

/** Splits an endpoint id into its parts. Throws what is wrong with it. */
export function parseEndpointId(id: string): EndpointId {
  const parts = callCore(() => endpointOf(id).endpoint).split("/");
  const namespace = NAMESPACES.find((name) => name === parts[0]);
  // An id that the core took has both.
  const [owner = "", alias = "", ...path] = namespace ? parts.slice(1) : parts;
  return { owner, alias, path: path.join("/") || undefined, namespace };
}

/** Whether a value is the status of a request. */
export function isQueueStatus(value: any): value is QueueStatus {
  return Boolean(value && value.status && value.response_url);
}

/** Whether a value is the status of a completed request. */
export function isCompletedQueueStatus(value: any): value is CompletedQueueStatus {
  return isQueueStatus(value) && value.status === "COMPLETED";
}

/** Whether an error is a response with one of these statuses, or a failure of the network. */
export function isRetryableError(error: any, retryableStatusCodes: number[]): boolean {
  if (error instanceof ApiError) return retryableStatusCodes.includes(error.status) && !error.isUserTimeout;
  if (error instanceof FalError) return error.code === "unreachable" || error.code === "connection_lost";
  return Boolean(error) && classifyFetchError(error, true) !== FailureKind.FetchFailed;
}
