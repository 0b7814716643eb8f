/** The Platform APIs are for servers: they need a key. */

import type { ClientContext } from "../../client/context.ts";
import type { Config } from "../../client/config.ts";
import { FailureKind } from "../../core/wire.ts";
import { failure } from "./host.ts";

export const openPlatform = (_context: ClientContext, _config: Config) => (): never => {
  throw failure(FailureKind.ServerOnly, { option: "platform" });
};
