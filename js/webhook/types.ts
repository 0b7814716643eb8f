/** The public types of `fal-wasm/webhook`: what fal posts to the `webhookUrl` of a request when it is done. */

/** What fal posts, by the names of `@fal-ai/client`. */
export type WebHookResponse<Payload = any> =
  | {
      /** The request was completed. */
      status: "OK";
      /** The output of the model; `null` when it could not be put into a webhook: see `payload_error`. */
      payload: Payload;
      error: never;
      /** The id that submitting gave. */
      request_id: string;
    }
  | {
      /** The request failed. */
      status: "ERROR";
      /** What the model explained the failure with, if it did. */
      payload: Payload;
      error: string;
      /** The id that submitting gave. */
      request_id: string;
    };

/** A webhook that fal signed. */
export type WebhookEvent<Payload = any> = WebHookResponse<Payload> & {
  /** The last try of the request at fal; another id than `request_id` when there were several. */
  gatewayRequestId?: string;
  /** Why there is no payload. */
  payload_error?: string;
  /** Whose request it was. */
  userId: string;
};

/** A request as it arrived, or its parts. The body has to be its bytes: what was parsed or decoded cannot be verified. */
export type WebhookSource =
  | Request
  | {
      /** A `Headers`, pairs, or an object as Node's `request.headers`. */
      headers: Headers | Iterable<[string, string]> | Record<string, string | string[] | undefined>;
      body: ArrayBuffer | ArrayBufferView;
    };

/**
 * Remembers which webhooks were seen: fal delivers again what was not answered in time. The default is in the memory of
 * one isolate and knows nothing of the others; where there are several, share one: Redis (`SET … NX EX`), a Durable
 * Object, a table with a unique column.
 */
export interface ReplayStore {
  /**
   * Marks an id for so long, and says whether it was marked before. A mark that exists is left as it is. In one step: of
   * two calls at the same time only one is told `false`.
   */
  seen(id: string, ttlSeconds: number): Promise<boolean>;
  /** Takes a mark back. */
  forget(id: string): Promise<void>;
}

/** What can be said about verifying. Nothing turns a check off. */
export interface WebhookOptions {
  /** Where it is remembered what was delivered before. Default: the memory of this isolate. */
  replayStore?: ReplayStore;
  /** The largest body that is read. Default 16 MiB. */
  maxBodyBytes?: number;
  /**
   * Used instead of the global `fetch`, for fal's public keys. They are kept for each such function: pass the same one
   * every time.
   */
  fetch?: (url: any, init?: any) => Promise<Response>;
}

/** What can be said about handling. */
export interface WebhookHandlerOptions<Payload = any> extends WebhookOptions {
  /**
   * Called once for each webhook, with the bindings and the context of the call. fal takes it for delivered when this is
   * done. When it fails, or takes longer than fal waits, fal is asked to deliver again; in the latter case it goes on (in
   * a worker by `waitUntil`), and is not called again if it succeeds. What was cut off, or takes more than two minutes, is
   * called again: what it does must bear to be done twice.
   */
  onEvent(event: WebhookEvent<Payload>, env: any, context: any): unknown;
  /** Told of what was refused or is late, and of what `onEvent` threw (as the `cause`). The sender learns none of it. */
  onError?(error: unknown, request: Request): void | Promise<void>;
  /** When to answer at the latest, in milliseconds. Default 12 000; fal waits 15 000. */
  answerWithin?: number;
}
