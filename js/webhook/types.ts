/** The public types of `fal-wasm/webhook`. */

import type { LimitStore } from "../limits/types.ts";

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
  /** The last attempt at the request; differs from `request_id` when there were several. */
  gatewayRequestId?: string;
  /** Why there is no payload. */
  payload_error?: string;
  /** The user whose request it was. */
  userId: string;
};

/** A request as it arrived, or its parts. The body has to be raw bytes: what was parsed or decoded cannot be verified. */
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
   * Marks an id for this long, and says whether it was marked before. An existing mark is left as it is. It has to be atomic:
   * of two calls at the same time only one gets `false`.
   */
  seen(id: string, ttlSeconds: number): Promise<boolean>;
  /**
   * Whether an id is marked. Optional: without it, looking is done by `seen` and `forget`, which takes two steps and leaves a
   * mark for 10 seconds when a worker is cut off between them.
   */
  has?(id: string): Promise<boolean>;
  /** Removes a mark. */
  forget(id: string): Promise<void>;
}

/** Which requests an app has submitted, by their ids. */
export type SubmittedRequests =
  { has(requestId: string): boolean | Promise<boolean> } | ((requestId: string) => boolean | Promise<boolean>);

/** Options of verifying. None turns a check off. */
export interface WebhookOptions {
  /**
   * Remembers what was delivered before.
   *
   * @default the memory of this isolate
   */
  replayStore?: ReplayStore;
  /**
   * The largest body that is read, in bytes.
   *
   * @default 16777216 (16 MiB)
   */
  maxBodyBytes?: number;
  /**
   * Whose requests these webhooks are about: the `userId` of your account, and of each other one that you submit with. fal
   * signs the webhooks of all its customers, so anybody who has an account can have one sent to your URL; without this it is
   * taken. The `userId` of an event shows your own.
   *
   * @example
   * createWebhookHandler({ accounts: [env.FAL_USER_ID], onEvent });
   *
   * @default every account of fal's
   */
  accounts?: readonly string[];
  /**
   * The requests that this app has submitted: a `Set` or another object with `has`, or a function. A webhook about any other
   * is refused with `webhook_request_unknown` and status 404, after which fal delivers again: a request may be recorded a
   * moment after it was submitted.
   *
   * @example
   * createWebhookHandler({ submitted: (requestId) => db.jobs.exists(requestId), onEvent });
   *
   * @default every request
   */
  submitted?: SubmittedRequests;
  /**
   * Used instead of the global `fetch`, for fal's public keys. Keys are cached per function: pass the same one every time.
   */
  fetch?: (url: any, init?: any) => Promise<Response>;
}

/** Options of a handler. */
export interface WebhookHandlerOptions<Payload = any> extends WebhookOptions {
  /**
   * Called once for each webhook, with the bindings and the context of the call. The webhook is delivered when this is done.
   * When it fails, or takes longer than fal waits, fal is asked to deliver again; in the latter case it goes on (in a worker
   * by `waitUntil`), and is not called again if it succeeds. If it was cut off, or takes more than 100 seconds, it is called
   * again: what it does must be safe to do twice.
   */
  onEvent(event: WebhookEvent<Payload>, env: any, context: any): unknown;
  /**
   * The limits of the proxy that submits the requests: when a webhook says that one is over, its place among the
   * `concurrent` jobs of its visitor is free at once. Its money is settled when its result passes the proxy, or when the proxy
   * asks for it before it refuses anybody. A failure goes to `onError`, and does not keep the webhook from being delivered.
   *
   * @example
   * createFalProxy({ webhookUrl: ({ id }) => `https://app.example/hook?for=${encodeURIComponent(id)}`, ... });
   * createWebhookHandler({
   *   limits: {
   *     store: (env) => durableLimits(env.FAL_LIMITS),
   *     account: (_event, request) => new URL(request.url).searchParams.get("for") ?? undefined,
   *   },
   *   onEvent,
   * });
   */
  limits?: {
    /** That of the proxy, or a function that gets the bindings. */
    store: LimitStore | ((env: any) => LimitStore);
    /**
     * Whose job it is: the id that the proxy's `authenticate` gave. fal does not sign the URL that it posts to, and need not: only
     * an account that has this job is changed. Undefined when the request was not submitted through the proxy.
     */
    account(event: WebhookEvent<Payload>, request: Request, env: any): string | undefined | Promise<string | undefined>;
  };
  /** Called with what was refused or is late, and with what `onEvent` threw (as the `cause`). The sender is told none of it. */
  onError?(error: unknown, request: Request): void | Promise<void>;
  /**
   * When to answer at the latest, in milliseconds. fal waits 15 000.
   *
   * @default 12000
   */
  answerWithin?: number;
}
