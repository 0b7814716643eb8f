/** The public types of `fal-wasm/proxy/node`. */

/** What is read of a request of `node:http`; HTTP/2's is like it, and so are those of Express and Next.js. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
}

/** What is used of a response of `node:http`. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string | string[]): unknown;
}

/** Fastify has those of `node:http` inside its own. */
export type FrameworkRequest = NodeRequest | { raw: NodeRequest };
export type FrameworkResponse = NodeResponse | { raw: NodeResponse };

export interface NodeHandlerOptions {
  /**
   * Where users find this server: `"https://app.example"`. Needed behind a server that changes the `Host`.
   *
   * @default the `Host` that is asked for
   */
  origin?: string;
}
