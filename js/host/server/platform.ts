/** `fal.platform`: made when it is first asked for. */

import { createPlatform } from "../../platform/client.ts";

/** @param {import("../../client/context.ts").Desk} desk @param {any} config */
export function openPlatform(desk, config) {
  /** @type {import("../../types/platform.d.ts").PlatformClient | undefined} */
  let platform;
  return () => (platform ??= createPlatform(desk, config));
}
