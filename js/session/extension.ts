/** What other packages need to bring a protocol of their own. */

import { openSession } from "./open.ts";
import type { OpenableExtension, RealtimeExtension, RealtimeSession } from "./types.ts";

/**
 * Makes an extension that `fal.realtime.open` takes, with the types of its options and its session.
 *
 * @example
 * ```ts
 * export const dragons = defineRealtimeExtension<{ name: string }, { roar(): void; close(): void }>({
 *   id: "acme/dragons",
 *   defaultEndpoint: "acme/dragon-world",
 *   async open(context, { name }) {
 *     const connection = context.connect(context.endpointId, { onResult: (result) => context.data(JSON.stringify(result)) });
 *     return { roar: () => connection.send({ roar: name }), close: () => connection.close() };
 *   },
 * });
 * ```
 *
 * @experimental As in `@fal-ai/client`, sessions may change in a minor release.
 */
export function defineRealtimeExtension<Options, Session extends RealtimeSession>(
  extension: RealtimeExtension<Options, Session>,
): OpenableExtension<Options, Session> {
  return {
    ...extension,
    opener: (...client) => openSession(extension, ...client),
  };
}
