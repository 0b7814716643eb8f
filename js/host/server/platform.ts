/** `fal.platform`: created when it is first used. */

import { createContext } from "../../client/context.ts";
import { createPlatform } from "../../platform/client.ts";
import type { PlatformClient, PlatformConfig } from "../../platform/types.ts";

export function openPlatform(context: ReturnType<typeof createContext>, config: PlatformConfig): () => PlatformClient {
  let platform: PlatformClient | undefined;
  return () => (platform ??= createPlatform(context, config));
}
