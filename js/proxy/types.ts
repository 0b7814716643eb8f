/** The public types of `fal-wasm/proxy`. */

import type { Env, Secret } from "../client/config.ts";
import type { Limits } from "../limits/types.ts";

/** Who asks, as the app knows them. */
export interface Principal {
  /** Never empty. */
  id: string;
}

/** What a call is about. */
export type RouteKind =
  "run" | "stream" | "submit" | "status" | "statusStream" | "result" | "cancel" | "upload" | "token";

/** A rule for one field of an input. A field that is absent has the model's default. */
export interface InputRule {
  /** A number, and at most this one. */
  max?: number;
  /** A number, and at least this one. */
  min?: number;
  /** A text of at most so many characters. */
  maxLength?: number;
  /** A list of at most so many items. */
  maxItems?: number;
  /** One of these, and no object or list. */
  oneOf?: (string | number | boolean | null)[];
  /** This and nothing else; put in where it is absent. Only for fields at the top of an input. */
  fixed?: string | number | boolean | null;
  /** Not there at all. */
  absent?: true;
}

/** What a proxy did. There is no key, no prompt and no result in it. */
export interface Decision {
  /** Who asked, once that was known. */
  principal?: string;
  route?: RouteKind;
  /** Of a run, a stream or a submit. */
  endpoint?: string;
  requestId?: string;
  /** `"ok"`, or the code of the refusal. */
  code: string;
  status: number;
  /** From the arrival of the call to the last byte of the answer. */
  ms: number;
  /** Of the body that fal answered with. */
  bytes: number;
  /** Whether the answer came to its end; false when the visitor left before. */
  complete: boolean;
}

/** The policy of a proxy. */
export interface ProxyOptions {
  /**
   * Who asks? Anything but an object with an `id` is a no: nothing, a throw, and no answer within 10 seconds. CredentialStep at
   * headers and cookies; the body is not yours to read, it goes on to fal. `"anonymous-public"` lets everybody in as one
   * person, and needs a limit on what that person may spend (`limits.spending`).
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
   * of them. What is not named is refused, for every method.
   */
  allowedEndpoints: string[];
  /** Origins of pages, other than the proxy's own, that may call it: `["https://app.example"]`. Default: none. */
  trustedOrigins?: string[];
  /** Whether browsers may upload files. Default true. */
  uploads?: boolean;
  /**
   * Whether browsers may have short-lived tokens for realtime connections to the endpoints that are allowed (their ids
   * end in `/realtime`). A token is good until it expires, whoever holds it. Default false. `expirationSeconds`: 120.
   *
   * fal's older contract knows an app only by its bare name and opens all of it; it is used only where the newer one is
   * not to be had, and only for apps of which everything is allowed (`"owner/app/**"`).
   */
  realtimeTokens?: boolean | { expirationSeconds?: number };
  /** `x-fal-*` request headers that are passed on. Default: none. */
  forwardHeaders?: (
    | "x-fal-no-retry"
    | "x-fal-request-start-timeout"
    | "x-fal-request-timeout"
    | "x-fal-object-lifecycle-preference"
    | "x-fal-object-lifecycle"
  )[];
  /**
   * Whether a request may be asked about only by who submitted it. The answer to a submit then has a header
   * `x-fal-capability`, which status, result and cancel have to come with; the browser build of this package does that by
   * itself. Default true, good for 7 days.
   *
   * `false` is for clients that cannot do it, such as `@fal-ai/client`. All of an app's visitors share one fal key: with
   * `false` each of them who learns the id of a request can read, watch and cancel it, whosever it is.
   */
  ownership?: boolean | { expirationSeconds?: number };
  /**
   * What capabilities are signed with, at least 32 bytes. Default: the binding `FAL_PROXY_SECRET`, else a key derived from
   * the fal key; capabilities then end when that key is replaced.
   */
  secret?: Secret;
  /**
   * Rules for fields of inputs, by endpoint pattern: `{ "fal-ai/flux/**": { num_images: { max: 4 } } }`. All that fit an
   * endpoint hold. Dots lead into objects: `"image_size.width"`. Only then is a body read before it is
   * sent, and what is sent is written anew: of a field that is there twice the last counts, and numbers are those of JavaScript.
   */
  inputs?: Record<string, Record<string, InputRule>>;
  /** Where fal posts results to. Only the server says so; what a browser says about it is refused. */
  webhookUrl?: string | ((principal: Principal, request: Request) => string | undefined | Promise<string | undefined>);
  /** What each person may use. Default: whatever fal lets the key do. */
  limits?: Limits;
  /** The largest body of a request, in bytes. Default 32 MiB. Files are uploaded, and do not come through here. */
  maxBodyBytes?: number;
  /**
   * How long fal may take to begin its answer, in milliseconds, by kind of call. Default 10 minutes for `run` and `stream`,
   * a minute for `result`, 30 seconds for the others.
   */
  timeouts?: Partial<Record<RouteKind, number>>;
  /** Called at the end of every call but preflights. Nobody waits for it, and what it throws changes nothing. */
  onDecision?(decision: Decision): unknown;
  /** Called when fal refuses a key and the other one is tried. `key` is the place of the refused one. */
  onKeyRejected?(rejected: { key: number }): unknown;
  /** Called when a fal key arrives from a browser. The call is refused; the key is somewhere in this request. */
  onKeyLeak?(request: Request): unknown;
  /**
   * A key, `id:secret`; or two, while one replaces the other: the second is tried once when fal refuses the first. Wins
   * over `env`, where they are `FAL_KEY` and `FAL_KEY_NEXT`.
   */
  credentials?: Secret | [Secret, Secret];
  /** What the key may do, if known. A proxy takes no key that is declared to be `"ADMIN"`; it is never asked for. */
  scope?: "API" | "ADMIN";
  /** Where the key is read for each call. Default: the bindings the handler is called with, else the environment. */
  env?: Env;
  /** Used instead of the global `fetch`; a function, or something that has one, such as a service binding. */
  fetch?: ((url: any, init?: any) => Promise<Response>) | { fetch(url: any, init?: any): Promise<Response> };
  /** The reason why a runtime that is not known to be a server may be trusted like one. */
  dangerouslyTreatAsServer?: string;
}
