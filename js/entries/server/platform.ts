/** `fal-wasm/platform`. For servers. */

export { ApiError, CredentialsError, FalError, ValidationError } from "../../errors/errors.ts";
export type { ValidationErrorInfo } from "../../errors/errors.ts";
export { createPlatformClient } from "../../platform/client.ts";
export type * from "../../platform/types.ts";
