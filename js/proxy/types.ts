/** The public types of `fal-wasm/proxy`. */

import type { Env, Secret } from "../client/config.ts";
import type { Limits, Principal } from "../limits/types.ts";
import type { ErrorContext } from "./error-types.ts";

export type { Principal };
export type * from "./error-types.ts";

/** What a call is about. */
export type RouteKind =
  "run" | "stream" | "submit" | "status" | "statusStream" | "result" | "cancel" | "upload" | "token";

/** A rule for one field of an input. A field that is absent has the model's default. */
export interface InputRule {
  /** A number, at most this one. */
  max?: number;
  /** A number, at least this one. */
  min?: number;
  /** A text of at most this many characters. */
  maxLength?: number;
  /** A list of at most this many items. */
  maxItems?: number;
  /** One of these scalars. */
  oneOf?: (string | number | boolean | null)[];
  /** This value and no other; put in where it is absent. Only for fields at the top of an input. */
  fixed?: string | number | boolean | null;
  /** The field must be absent. */
  absent?: true;
}

/** What a proxy did with a call. It contains no key, no prompt and no result. */
export interface Decision {
  /** Who asked, once that was known. */
  principal?: string;
  route?: RouteKind;
  /** The endpoint of a run, a stream or a submit. */
  endpoint?: string;
  requestId?: string;
  /** `"ok"`, or the code of the refusal. */
  code: string;
  status: number;
  /** Milliseconds from the arrival of the call to the last byte of the response. */
  ms: number;
  /** Size of the body that fal responded with. */
  bytes: number;
  /** Whether the response came to its end; false when the client left before. */
  complete: boolean;
}

/** The policy of a proxy. */
export interface ProxyOptions {
  /**
   * Says who asks: an object with an `id`, or `null` for nobody, who is answered with a 401. When it throws, or does not
   * answer within 10 seconds, nobody comes in, visitors get a 503, and `onError` is told. Look at headers and cookies, and
   * leave the body unread: it is passed on to fal. `"anonymous-public"` lets everybody in as one person, and needs a limit on
   * what that person may spend (`limits.spending`).
   */
  authenticate:
    | "anonymous-public"
    | ((
        request: Request,
        env: any,
        context: any,
      ) => Principal | null | undefined | Promise<Principal | null | undefined>);
  /**
   * The endpoints that may be called, for example `["fal-ai/flux/**"]`. `*` is one segment, `**` at the end any number
   * of them. Every other endpoint is refused, for every method.
   */
  allowedEndpoints: string[];
  /**
   * Origins of pages, other than the proxy's own, that may call it: `["https://app.example"]`.
   *
   * @default []
   */
  trustedOrigins?: string[];
  /**
   * Whether browsers may upload files.
   *
   * @default true
   */
  uploads?: boolean;
  /**
   * Whether browsers may get short-lived tokens for realtime connections to the allowed endpoints (their ids end in
   * `/realtime`). A token is valid until it expires, whoever holds it; `expirationSeconds` is 120 by default.
   *
   * fal's older token contract names a whole app, not an endpoint; it is used only where the newer one is not available, and
   * only for apps of which everything is allowed (`"owner/app/**"`).
   *
   * @default false
   */
  realtimeTokens?: boolean | { expirationSeconds?: number };
  /**
   * `x-fal-*` request headers that are passed on.
   *
   * @default []
   */
  forwardHeaders?: (
    | "x-fal-no-retry"
    | "x-fal-request-start-timeout"
    | "x-fal-request-timeout"
    | "x-fal-object-lifecycle-preference"
    | "x-fal-object-lifecycle"
  )[];
  /**
   * Whether only those who submitted a request may ask about it. The response to a submit then has a header
   * `x-fal-capability`, which has to be sent with status, result and cancel; the browser build of this package does so.
   * A capability is valid for 7 days unless `expirationSeconds` says otherwise.
   *
   * `false` is for clients that cannot do it, such as `@fal-ai/client`. All users of an app share one fal key: with `false`,
   * any of them who learns the id of a request can read, watch and cancel it.
   *
   * @default true
   */
  ownership?: boolean | { expirationSeconds?: number };
  /**
   * What capabilities are signed with, at least 32 bytes.
   *
   * @default the binding `FAL_PROXY_SECRET`, else a key derived from the fal key; capabilities then end when that key is
   * replaced
   */
  secret?: Secret;
  /**
   * Rules for fields of inputs, by endpoint pattern: `{ "fal-ai/flux/**": { num_images: { max: 4 } } }`. All that match an
   * endpoint hold. Dots lead into objects: `"image_size.width"`. A body with rules is read before it is sent, and written
   * anew: of a field that occurs twice the last counts, and numbers are those of JavaScript.
   */
  inputs?: Record<string, Record<string, InputRule>>;
  /** Where fal posts results to. Only the server may set it: a target with a webhook from a browser is refused. */
  webhookUrl?: string | ((principal: Principal, request: Request) => string | undefined | Promise<string | undefined>);
  /**
   * What each person may use.
   *
   * @default whatever fal allows the key
   */
  limits?: Limits;
  /**
   * The largest body of a request, in bytes. Files are uploaded, and do not come through here.
   *
   * @default 33554432 (32 MiB)
   */
  maxBodyBytes?: number;
  /**
   * How long fal may take to begin its response, in milliseconds, by kind of call.
   *
   * @default 10 minutes for `run` and `stream`, a minute for `result`, 30 seconds for the others
   */
  timeouts?: Partial<Record<RouteKind, number>>;
  /** Called at the end of every call except preflights. It is not awaited, and what it throws changes nothing. */
  onDecision?(decision: Decision): unknown;
  /**
   * Called with what went wrong on the operator's side: a function of these options that threw or did not answer in 10
   * seconds, a key that is missing or refused, a store that cannot be reached. Visitors get a stable answer that says nothing
   * of it. It is not awaited.
   *
   * @default one `console.error`
   * @example
   * onError: (error, { step }) => report(error, { tags: { step } }),
   */
  onError?(error: unknown, context: ErrorContext): unknown;
  /** Called when fal refuses a key and the other one is tried. `key` is the index of the refused one. */
  onKeyRejected?(rejected: { key: number }): unknown;
  /** Called when a fal key arrives from a browser. The call is refused; the key is in a header or the URL of this request. */
  onKeyLeak?(request: Request): unknown;
  /**
   * A key, `id:secret`; or two, while one replaces the other: the second is tried once when fal refuses the first. Takes
   * precedence over `env`, where they are `FAL_KEY` and `FAL_KEY_NEXT`.
   */
  credentials?: Secret | [Secret, Secret];
  /** What the key may do, if known. A proxy refuses a key that is declared to be `"ADMIN"`; the scope is never looked up. */
  scope?: "API" | "ADMIN";
  /**
   * Where the key is read for each call.
   *
   * @default the bindings the handler is called with, else the environment
   */
  env?: Env;
  /** Used instead of the global `fetch`: a function, or an object that has one, such as a service binding. */
  fetch?: ((url: any, init?: any) => Promise<Response>) | { fetch(url: any, init?: any): Promise<Response> };
  /** The reason why a runtime that is not known to be a server may be trusted as one. */
  dangerouslyTreatAsServer?: string;
}
