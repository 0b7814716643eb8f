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

/**
 * Makes a handler for Express, Fastify, API routes of Next.js, and `node:http` itself, out of one that takes a `Request`
 * and gives a `Response`. It always answers, and its promise is never rejected.
 *
 * Bodies flow both ways as fast as they are taken, and a visitor who leaves aborts `request.signal`. Mount it before a body
 * parser: what a parser has read is put together again from what it made of it, JSON is then not the same to the letter
 * (which no webhook's signature bears), and no larger than the parser allows.
 *
 * The handler's third argument is `{ req, res }`, as the framework has them: `authenticate(request, env, { req })`.
 */
export declare function toNodeHandler(
  handler: (request: Request, env?: any, context?: any) => Response | Promise<Response>,
  options?: NodeHandlerOptions,
): (req: FrameworkRequest, res: FrameworkResponse) => Promise<void>;
