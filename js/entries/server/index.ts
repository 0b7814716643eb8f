/** The edge build: reads the key from its bindings, for each call, and attaches it itself. */

import { createSingleton } from "../../client/client.ts";

export { createFalClient } from "../../client/client.ts";
export { ApiError, CredentialsError, FalError, ValidationError } from "../../errors/errors.ts";
export { isCompletedQueueStatus, isQueueStatus, isRetryableError, parseEndpointId } from "../../client/guards.ts";
export { withMiddleware, withProxy } from "../../client/proxy-middleware.ts";

/** The client for servers with one key, in their environment. A worker with bindings uses `createFalClient({ env })`. */
export const fal = createSingleton();
