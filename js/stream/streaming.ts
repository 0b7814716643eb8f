/** Models that answer as they go. */

import type { ClientContext } from "../client/context.ts";
import type { EndpointType } from "../client/run.ts";
import type { FalStream, StreamOptions, StreamingClient } from "./types.ts";
import { OperationKind } from "../core/wire.ts";
import { takes } from "../client/checks.ts";
import { STREAM } from "../client/options.ts";
import { endpointBelow, endpointOf } from "../core/texts.ts";
import { createStream } from "./fal-stream.ts";
import { tokenFor } from "../realtime/token.ts";

/** Where the models are that answer at once. */
const ORIGIN = "https://fal.run";

/** The endpoint and the query that a URL of fal's names. Any other URL is refused, so that no key goes there. */
function readUrl(given: string): { endpoint: string; query: Record<string, string> } {
  try {
    const { origin, username, hash, pathname, searchParams } = new URL(given);
    if (origin === ORIGIN && !username && !hash)
      return { endpoint: endpointOf(pathname.slice(1)).endpoint, query: Object.fromEntries(searchParams) };
  } catch {
    // It is none.
  }
  return takes("url", `${ORIGIN}/ with an endpoint id`);
}

export function createStreaming({ open, transport, withFiles }: ClientContext): StreamingClient {
  return {
    async stream<Input, Output>(
      id: EndpointType,
      options: StreamOptions<Input> = {},
    ): Promise<FalStream<Input, Output>> {
      const { signal, abortSignal = signal, queryParams, query = queryParams } = options;
      const given = { ...options, abortSignal, query };
      const start = open(OperationKind.Stream, id, given, STREAM, (given) => {
        const { url, path, tokenProvider } = given;
        const named = url ? readUrl(url) : undefined;
        const endpoint = named?.endpoint ?? (path ? endpointBelow(id, path, "").endpoint : id);
        const wanted = { tokenProvider, endpoint: named ? endpoint : endpointBelow(endpoint, "", "stream").endpoint };
        const isDirect = given.connectionMode === "client";
        return {
          endpoint,
          path: "",
          url: named && `${ORIGIN}/${endpoint}`,
          query: { ...named?.query, ...given.query },
          token: isDirect ? (stop: AbortSignal) => tokenFor(transport, wanted, stop) : undefined,
        };
      });
      return createStream(id, abortSignal, start, await withFiles({ ...options, timeout: undefined }, abortSignal));
    },
  };
}
