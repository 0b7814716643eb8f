/** The browser build: no key, and no code that could use one. It knows one address, the app's own proxy. */

import { createSingleton } from "../../client/client.ts";

export { createFalClient } from "../../client/client.ts";
export { ApiError, CredentialsError, FalError, ValidationError } from "../../errors/errors.ts";
export { isCompletedQueueStatus, isQueueStatus, isRetryableError, parseEndpointId } from "../../client/guards.ts";
export { encode } from "../../storage/encode.ts";
export { withMiddleware, withProxy } from "../../client/proxy-middleware.ts";

/** The client for pages that need only one. */
export const fal = createSingleton();
