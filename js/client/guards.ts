/** Small questions that programs ask about what they were given. */

import { FETCH_FAILED } from "../core/codes.ts";
import { callCore } from "../core/call-core.ts";
import { ApiError, FalError } from "../errors/errors.ts";
import { idOf } from "../driver/open.ts";
import { classifyFetchError } from "../driver/classify-error.ts";

const NAMESPACES = ["workflows", "comfy"];

/** The parts of an endpoint id. @param {string} id @returns {import("../types/index.d.ts").EndpointId} */
export function parseEndpointId(id) {
  /** @type {any[]} */
  const parts = callCore(() => idOf(id)).split("/");
  const namespace = NAMESPACES.includes(parts[0]) ? parts.shift() : undefined;
  const [owner, alias, ...path] = parts;
  return { owner, alias, path: path.join("/") || undefined, namespace };
}

/** Whether a value is the status of a request. @param {any} value */
export const isQueueStatus = (value) => Boolean(value && value.status && value.response_url);

/** Whether a value is the status of a completed request. @param {any} value */
export const isCompletedQueueStatus = (value) => isQueueStatus(value) && value.status === "COMPLETED";

/** Whether an error is one of these statuses, or of the network. @param {any} error @param {number[]} statuses */
export function isRetryableError(error, statuses) {
  if (error instanceof ApiError) return statuses.includes(error.status) && !error.isUserTimeout;
  if (error instanceof FalError) return error.code === "unreachable" || error.code === "connection_lost";
  return Boolean(error) && classifyFetchError(error, true) !== FETCH_FAILED;
}
