/** `fal.platform`: made when it is first asked for. */

import { createPlatform } from "../../platform/client.ts";

/** @param {import("../../client/context.ts").ClientContext} context @param {any} config */
export function openPlatform(context, config) {
  /** @type {import("../../types/platform.d.ts").PlatformClient | undefined} */
  let platform;
  return () => (platform ??= createPlatform(context, config));
}
