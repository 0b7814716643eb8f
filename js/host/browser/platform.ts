/** The Platform APIs are for servers: there is no way to them without a key. */

import { SERVER_ONLY } from "../../core/codes.ts";
import { failure } from "./host.ts";

/** @param {unknown} _context @param {unknown} _config @returns {() => never} */
export const openPlatform = (_context, _config) => () => {
  throw failure(SERVER_ONLY, { option: "platform" });
};
