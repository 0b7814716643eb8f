/** fal's Platform APIs: models, prices, usage, requests, keys, files, logs. For servers. */

import { createContext } from "../../client/context.ts";
import { createPlatform } from "../../platform/client.ts";

export { ApiError, CredentialsError, FalError, ValidationError } from "../../errors/errors.ts";

/**
 * Creates a client of the Platform APIs. Throws at once what is wrong with its configuration.
 *
 * @param {import("../../types/platform.d.ts").PlatformConfig} [config]
 * @returns {import("../../types/platform.d.ts").PlatformClient}
 */
export const createPlatformClient = (config = {}) => createPlatform(createContext(config), config);
