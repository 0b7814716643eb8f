/** fal's Platform APIs: models, prices, usage, requests, keys, files, logs. For servers. */

import type { PlatformClient, PlatformConfig } from "../platform/types.js";

export * from "../platform/types.js";
export * from "./errors.js";

/** Creates a client. Throws at once when its configuration is invalid, and in a browser. */
export declare function createPlatformClient(config?: PlatformConfig): PlatformClient;
