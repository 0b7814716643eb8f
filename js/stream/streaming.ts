/** Models that answer as they go. */

import type { ClientContext } from "../client/context.ts";
import type { EndpointType } from "../client/run.ts";
import type { OnHead, OperationJob } from "../driver/job.ts";
import type { StreamSink } from "../io/pump.ts";
import type { StreamOptions, StreamingClient } from "./types.ts";
import { OperationKind } from "../core/wire.ts";
import { callHeaders, headerText } from "../client/headers.ts";
import { NAMES, callback, choice, flag, limit, methodOf, query, takes, text } from "../client/options.ts";
import { endpointBelow, endpointOf } from "../core/texts.ts";
import { FalStream } from "./fal-stream.ts";
import { TOKEN_SECONDS, tokenFor } from "../realtime/token.ts";

/** What a stream starts its operation with. */
export interface StreamStart {
  input: unknown;
  items: StreamSink;
  onHead: OnHead;
}

/** A stream of the items of an operation. */
export const openStream = <Input, Output>(
  endpoint: string,
  signal: AbortSignal | undefined,
  start: (given: StreamStart, signal: AbortSignal) => Promise<unknown>,
  input?: unknown,
): FalStream<Input, Output> =>
  new FalStream(endpoint, (items, stop, onHead) => start({ input, items, onHead }, stop), signal);

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
  /** Gives the tokens of a call that goes directly to fal. */
  const tokensFor = (endpoint: string, options: StreamOptions<unknown>): OperationJob["token"] => {
    const wanted = { tokenProvider: callback(options, "tokenProvider"), endpoint, seconds: TOKEN_SECONDS };
    return (signal) => tokenFor(transport, wanted, signal);
  };

  return {
    async stream<Input, Output>(
      id: EndpointType,
      options: StreamOptions<Input> = {},
    ): Promise<FalStream<Input, Output>> {
      const { signal, abortSignal = signal, queryParams, query: own = queryParams } = options;
      const start = open({ ...options, abortSignal }, NAMES.stream, () => {
        const [accept, url, path] = [
          headerText(text(options, "accept"), "accept"),
          text(options, "url"),
          text(options, "path"),
        ];
        if (flag(options, "autoUpload") === false) takes("autoUpload", "true: files in an input are always uploaded");
        const named = url ? readUrl(url) : undefined;
        const endpoint = named?.endpoint ?? (path ? endpointBelow(id, path, "").endpoint : id);
        const headers = { ...callHeaders(options, false), ...(accept && { accept }) };
        const isDirect = choice(options, "connectionMode", ["server", "client"]) === "client";
        const token = isDirect
          ? tokensFor(named ? endpoint : endpointBelow(endpoint, "", "stream").endpoint, options)
          : undefined;
        const job = { endpoint, headers, token, query: { ...named?.query, ...query({ query: own }) } };
        const order = { endpoint, url: named && `${ORIGIN}/${endpoint}`, method: methodOf(options) };
        return [job, { operation: OperationKind.Stream, ...order, idle: limit(options, "timeout") }];
      });
      return openStream(id, abortSignal, start, await withFiles({ ...options, timeout: undefined }, abortSignal));
    },
  };
}
