/** The edge build: reads the key from its bindings, for each call, and attaches it itself. */

import { createSingleton } from "../../client/client.ts";
import type { Config } from "../../client/config.ts";
import type { FalClient } from "../../client/types.ts";

export { createFalClient } from "../../client/client.ts";
export { ApiError, CredentialsError, FalError, ValidationError } from "../../errors/errors.ts";
export { isCompletedQueueStatus, isQueueStatus, isRetryableError, parseEndpointId } from "../../client/guards.ts";
export { encode } from "../../storage/encode.ts";
export { withMiddleware, withProxy } from "../../client/proxy-middleware.ts";
export type * from "../../client/config.ts";
export type * from "../../client/run.ts";
export type * from "../../client/types.ts";
export type * from "../../client/ws-types.ts";
export type { FalErrorCode, KnownFalErrorCode, ProxyRefusalCode } from "../../errors/codes.ts";
export type { ValidationErrorInfo } from "../../errors/errors.ts";
export type * from "../../queue/types.ts";
export type * from "../../realtime/types.ts";
export type * from "../../storage/types.ts";
export type * from "../../stream/types.ts";

/**
 * The client for programs that need only one. What is configured later is added to what was configured before. A worker
 * with bindings, or one that serves several tenants, uses {@link createFalClient} for each request instead.
 */
export const fal: FalClient & { config(config: Config): void } = createSingleton();
