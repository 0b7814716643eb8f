/** fal's Platform APIs: models, prices, usage, requests, keys, files, logs. For servers. */

import { createDesk } from "./desk.js";
import { createPlatform } from "./platform-client.js";

export { ApiError, CredentialsError, FalError, ValidationError } from "./errors.js";

/**
 * Creates a client of the Platform APIs. Throws at once what is wrong with its configuration.
 *
 * @param {import("../types/platform.d.ts").PlatformConfig} [config]
 * @returns {import("../types/platform.d.ts").PlatformClient}
 */
export const createPlatformClient = (config = {}) => createPlatform(createDesk(config), config);
