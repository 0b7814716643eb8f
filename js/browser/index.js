/** The browser build: no key, and no code that could use one. It knows one address, the app's own proxy. */

import { createSingleton } from "./client.js";

export { createFalClient } from "./client.js";
export { ApiError, CredentialsError, FalError, ValidationError } from "./errors.js";
export { isCompletedQueueStatus, isQueueStatus, isRetryableError, parseEndpointId } from "./guards.js";
export { withMiddleware, withProxy } from "./with.js";

/** The client for pages that need only one. */
export const fal = createSingleton();
