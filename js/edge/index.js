/** The edge build: reads the key from its bindings, for each call, and attaches it itself. */

import { createSingleton } from "./client.js";

export { createFalClient } from "./client.js";
export { ApiError, CredentialsError, FalError, ValidationError } from "./errors.js";
export { isCompletedQueueStatus, isQueueStatus, isRetryableError, parseEndpointId } from "./guards.js";
export { withMiddleware, withProxy } from "./with.js";

/** The client for servers with one key, in their environment. A worker with bindings uses `createFalClient({ env })`. */
export const fal = createSingleton();
