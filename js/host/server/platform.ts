/** `fal.platform`: created when it is first used. */

import type { ClientContext } from "../../client/context.ts";
import type { Config } from "../../client/config.ts";
import type { PlatformClient } from "../../platform/types.ts";
import { createPlatform } from "../../platform/client.ts";

export function openPlatform(context: ClientContext, config: Config): () => PlatformClient {
  let platform: PlatformClient | undefined;
  return () => (platform ??= createPlatform(context, config));
}
