/** The public types of `fal-wasm/proxy/node`. */

/** What of a request of `node:http` is looked at; HTTP/2's is like it, and so are those of Express and Next.js. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
}

/** What is done with a response of `node:http`. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string | string[]): unknown;
}

/** Fastify has those of `node:http` inside of its own. */
export type FrameworkRequest = NodeRequest | { raw: NodeRequest };
export type FrameworkResponse = NodeResponse | { raw: NodeResponse };

export interface NodeHandlerOptions {
  /**
   * Where visitors find this server: `"https://app.example"`. Default: the `Host` they ask for. Needed behind something
   * that changes the `Host`.
   */
  origin?: string;
}
