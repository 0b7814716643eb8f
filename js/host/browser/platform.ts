/** The Platform APIs are for servers: there is no way to them without a key. */

import { FailureKind } from "../../core/wire.ts";
import { failure } from "./host.ts";

/** @param {unknown} _context @param {unknown} _config @returns {() => never} */
export const openPlatform = (_context, _config) => () => {
  throw failure(FailureKind.ServerOnly, { option: "platform" });
};
