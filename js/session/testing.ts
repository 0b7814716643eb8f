/** For the tests of extensions. */

import type { RealtimeExtensionContext } from "./types.ts";

/**
 * A context for tests of an extension's `open`: with all of its members, none of which does anything.
 *
 * @example
 * ```ts
 * const said: string[] = [];
 * const session = await dragons.open(fakeExtensionContext({ data: (raw) => said.push(raw) }), { name: "Smaug" });
 * ```
 *
 * @experimental
 */
export function fakeExtensionContext(overrides: Partial<RealtimeExtensionContext> = {}): RealtimeExtensionContext {
  return {
    endpointId: "test/endpoint",
    signal: new AbortController().signal,
    run: async () => ({ data: undefined, requestId: "test" }),
    connect: () => ({ send() {}, close() {} }),
    addCleanup() {},
    close: async () => {},
    fetch: async () => new Response("{}"),
    gatherIce: async () => ({ host: 0, srflx: 0, relay: 0, state: "complete" }),
    fail: async () => {},
    diagnostic() {},
    media() {},
    data() {},
    ...overrides,
  };
}
