/**
 * The inputs and outputs of all public models, as `@fal-ai/client` has them: types only, nothing of it runs. Install
 * that package as a development dependency, and say once, in any file of your program:
 *
 * ```ts
 * import type {} from "fal-wasm/endpoints";
 * ```
 *
 * From then on `fal.run("fal-ai/flux/dev", …)` knows its input and its output. Without that package nothing changes.
 */

/** @ts-ignore: the package is optional. */
import type { EndpointTypeMap as PublicEndpoints } from "@fal-ai/client/endpoints";
/** @ts-ignore: the package is optional. */
export type * from "@fal-ai/client/endpoints";

declare module "../client/run.ts" {
  interface EndpointTypeMap extends PublicEndpoints {}
}
