/** Models that answer as they go. */

import type { ClientContext } from "../client/context.ts";
import type { EndpointType } from "../client/run.ts";
import type { OnHead, OperationJob } from "../driver/job.ts";
import type { StreamSink } from "../io/pump.ts";
import type { StreamOptions, StreamingClient } from "./types.ts";
import { OperationKind } from "../core/wire.ts";
import { callHeaders, headerText } from "../client/headers.ts";
import { callback, choice, methodOf, millis, query, text } from "../client/options.ts";
import { endpointBelow } from "../core/texts.ts";
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

export function createStreaming({ open, transport, withFiles }: ClientContext): StreamingClient {
  /** Gives the tokens of a call that goes directly to fal. */
  const tokensFor = (app: string, options: StreamOptions<unknown>): OperationJob["token"] => {
    const tokenProvider = callback(options, "tokenProvider");
    const endpoint = endpointBelow(app, "", "stream").endpoint;
    const wanted = { tokenProvider, endpoint, seconds: TOKEN_SECONDS };
    return (signal) => tokenFor(transport, wanted, signal);
  };

  return {
    async stream<Input, Output>(
      endpoint: EndpointType,
      options: StreamOptions<Input> = {},
    ): Promise<FalStream<Input, Output>> {
      const { signal, abortSignal = signal, queryParams, query: own = queryParams } = options;
      const start = open(options, () => {
        const accept = headerText(text(options, "accept"), "accept");
        const headers = { ...callHeaders(options, false), ...(accept && { accept }) };
        const isDirect = choice(options, "connectionMode", ["server", "client"]) === "client";
        const token = isDirect ? tokensFor(String(endpoint), options) : undefined;
        const job = { endpoint, headers, token, query: query({ ...options, query: own }) };
        const order = { endpoint, method: methodOf(options), idle: millis(options, "timeout") };
        return [job, { operation: OperationKind.Stream, ...order }];
      });
      return openStream(endpoint, abortSignal, start, await withFiles({ ...options, timeout: undefined }, abortSignal));
    },
  };
}
