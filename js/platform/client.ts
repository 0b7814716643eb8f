/** The client of the Platform APIs: any operation by its path, paginated lists, and helpers for common tasks. */

import { FailureKind } from "../core/wire.ts";
import { createContext } from "../client/context.ts";
import { callCore } from "../core/call-core.ts";
import { OperationError } from "../errors/errors.ts";
import { text } from "../client/checks.ts";
import { type CallInit, createCall } from "./call.ts";
import { createHelpers } from "./helpers.ts";
import { createLists } from "./pages.ts";
import type { PlatformClient, PlatformConfig } from "./types.ts";

type ClientContext = ReturnType<typeof createContext>;

/** @internal */
export function createPlatform(context: ClientContext, config: PlatformConfig): PlatformClient {
  const scope = callCore(() => {
    if (!context.transport.trusted) throw new OperationError(FailureKind.ServerOnly, { option: "platform" });
    return text(config, "scope") ?? "";
  });
  const withKey = (credentials: string) =>
    createPlatform(createContext({ ...config, credentials }), { ...config, scope: "" });
  const call = createCall(context, scope);
  const list = createLists(call);
  const by = (method: string) => (path: string, init?: CallInit) => call(method, path, init);
  const client = {
    GET: by("GET"),
    POST: by("POST"),
    PUT: by("PUT"),
    PATCH: by("PATCH"),
    DELETE: by("DELETE"),
    list: (path: string, init?: CallInit) => list("GET", path, init),
    ...createHelpers(call, list, withKey),
  };
  // The public type derives parameters and results from the path; here they are whatever the caller and fal send.
  return client as PlatformClient;
}

/** Creates a client of the Platform APIs. Throws at once when its configuration is invalid, and in a browser. */
export const createPlatformClient = (config: PlatformConfig = {}): PlatformClient =>
  createPlatform(createContext(config), config);
