/** The public types of `fal-wasm/proxy`. */

import type { Env, Secret } from "../client/config.ts";
import type { Limits, Principal } from "../limits/types.ts";
import type { SessionRules } from "../limits/session-types.ts";
import type { AuditRecord, Decision, RouteKind } from "./decision-types.ts";
import type { ErrorContext } from "./error-types.ts";
import type { InputRules } from "./input-types.ts";
import type { KeyLeak, KeyOfCall } from "./key-types.ts";
import type { Attestation, RealtimeTokens, TrustedOrigin, UploadRules } from "./rule-types.ts";

export type { Principal };
export type * from "./decision-types.ts";
export type * from "./error-types.ts";
export type * from "./grant-types.ts";
export type * from "./input-types.ts";
export type * from "./key-types.ts";
export type * from "./rule-types.ts";

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
   * Says whether a call comes from the app's own page and a person: asked before every run, stream, submit and token, with
   * Turnstile, App Check or what you have. With `{ once }`, an id of the proof, each proof is good for one call, and for trying
   * that call again with the same `idempotency-key`; that is counted in `limits.store`. What is not attested is a 403
   * (`attestation_failed`). When it throws, or takes longer than 10 seconds, nobody comes in (503), and `onError` is told. It
   * leaves the body unread.
   *
   * @default every call of those whom `authenticate` knows
   * @example
   * attest: async ({ headers }, _principal, env) => {
   *   const response = headers.get("x-turnstile-token");
   *   const body = new URLSearchParams({ secret: env.TURNSTILE_SECRET, response });
   *   const url = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
   *   const { success } = await (await fetch(url, { method: "POST", body })).json();
   *   return success && { once: response, rememberSeconds: 600 };
   * },
   */
  attest?(
    request: Request,
    principal: Principal,
    env: any,
  ): boolean | Attestation | null | undefined | Promise<boolean | Attestation | null | undefined>;
  /**
   * The endpoints that may be called, for example `["fal-ai/flux/**"]`. `*` is one segment, `**` at the end any number
   * of them; the owner has to be named. Every other endpoint is refused, for every method.
   */
  allowedEndpoints: string[];
  /**
   * Those of the `allowedEndpoints` that are called with a grant only: your own server makes it with `grant()`, after a checkout or
   * whatever decides, and the page sends it along as the header `x-fal-grant`. A pattern also stands for what is below it and for
   * its streams and tokens. Needs `limits`, in whose store used grants are counted, and `secret` or `FAL_PROXY_SECRET`. For the other
   * endpoints a grant that comes along holds, too.
   *
   * @default []
   * @example
   * grantedEndpoints: ["fal-ai/veo3/**"],
   */
  grantedEndpoints?: string[];
  /**
   * Origins of pages, other than the proxy's own, that may call it, as browsers send them: `["https://app.example"]`. Pages of
   * apps have `capacitor://localhost`, `ionic://localhost`, `tauri://localhost`, `http://tauri.localhost`, `app://…` or
   * `chrome-extension://<id>`. (Firefox gives an extension another `moz-extension://` for each installation.)
   *
   * Browsers give an answer to a call with cookies only to an origin with `credentials: true`. Without cookies such a page
   * signs in with a header, `Authorization: Bearer …`.
   *
   * @default []
   * @example
   * trustedOrigins: ["capacitor://localhost", { origin: "https://app.example", credentials: true }],
   */
  trustedOrigins?: (string | TrustedOrigin)[];
  /**
   * Headers of your own that pages of `trustedOrigins` may send, beside those of this package's client, `Authorization`, and
   * what tracing tools add (`traceparent`, `baggage`, `sentry-trace`, `x-datadog-…`, …). None of them goes to fal.
   *
   * @default []
   * @example
   * allowedHeaders: ["x-csrf-token"],
   */
  allowedHeaders?: string[];
  /**
   * Whether browsers may upload files, and which.
   *
   * @default true
   * @example
   * uploads: { types: ["image/*", "video/mp4"], lifecycle: { expiresIn: "1d" } },
   */
  uploads?: boolean | UploadRules;
  /**
   * Whether browsers may get short-lived tokens for the allowed endpoints: for realtime connections (ids that end in
   * `/realtime`), and for streams straight from fal (`/stream`). A token is valid until it expires, whoever holds it. With
   * `limits` it counts as a request, takes a place of `concurrent` until it expires, and costs `spending.tokenPrice`.
   *
   * @default false
   */
  realtimeTokens?: boolean | RealtimeTokens;
  /**
   * Whether browsers may open sessions with world models at the allowed endpoints (`fal.realtime.open(wma(id))`), and for how long.
   * A session is kept and ended by who opened it. With `limits` it counts as a request, and its price is reserved before it is opened.
   *
   * @default false
   * @example
   * sessions: { max: 1, maxSeconds: 300, price: 0.02 },
   */
  sessions?: boolean | SessionRules;
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
   * A capability is valid for 7 days unless `expirationSeconds` says otherwise, in whole seconds up to a year.
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
   * endpoint hold, and those of an endpoint hold for everything below it: `"a/b"` is also about `a/b/stream` and `a/b/c`. A
   * pattern that fits none of the `allowedEndpoints` is a mistake. Dots lead into objects: `"image_size.width"`.
   *
   * A body with rules is read before it is sent (`maxInputBytes`), and written anew: of a field that occurs twice the last
   * counts. Numbers are sent as they were written; one that JavaScript cannot hold exactly keeps no rule.
   *
   * With `import type {} from "fal-wasm/endpoints"`, fields and rules are typed by the input of their endpoint.
   */
  inputs?: InputRules;
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
   * The largest body that is read whole before it is sent, in bytes: of an endpoint with rules in `inputs`, and with an
   * `idempotency-key` where there are `limits`. At most `maxBodyBytes`.
   *
   * @default 1048576 (1 MiB)
   */
  maxInputBytes?: number;
  /**
   * How long fal may take to begin its response, in milliseconds, by kind of call.
   *
   * @default 10 minutes for `run` and `stream`, a minute for `result`, 30 seconds for the others
   */
  timeouts?: Partial<Record<RouteKind, number>>;
  /**
   * `"watch"` lets through what `inputs`, `limits`, `attest` and rules of `uploads` would refuse, and says so in `wouldRefuse` of the decision: to try out
   * rules on what visitors really do. Who asks, where a call may go, grants, and idempotency keys are checked all the same.
   *
   * @default "enforce"
   */
  mode?: "enforce" | "watch";
  /**
   * Called at the end of every call except preflights, when what was reserved for it is settled. It is not awaited, and what it
   * throws changes nothing.
   */
  onDecision?(decision: Decision): unknown;
  /**
   * Keeps a record of every call except preflights, on which the records before it can be checked. In a worker it is awaited
   * (`waitUntil`), after the response; what it throws goes to `onError`. `npx fal-wasm audit` takes records with one JSON
   * object a line, finds what was changed or is missing, and holds them against what fal has billed.
   *
   * @example
   * audit: (record, env) => env.AUDIT.put(`${record.chain}/${record.sequence}`, JSON.stringify(record)),
   */
  audit?(record: AuditRecord, env: any): unknown;
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
  /**
   * Called when a fal key arrives from a browser. The call is refused; the key is in a header or the URL of this request.
   *
   * Anybody can send what looks like a key, so this is called for the first one and then at most once in ten minutes, and
   * apart from that once a minute for a key of this proxy's own.
   *
   * @default a key of this proxy's own is told to `onError`
   * @example
   * onKeyLeak: (request, { ours, fingerprint }) => ours && page(`fal key ${fingerprint} is public: revoke it`),
   */
  onKeyLeak?(request: Request, leak: KeyLeak): unknown;
  /**
   * A key, `id:secret`; or two, while one replaces the other: the second is tried once when fal refuses the first. Takes
   * precedence over `env`, where they are `FAL_KEY` and `FAL_KEY_NEXT`.
   *
   * Or a function that says whose key a call is paid with. When it takes arguments, each visitor has a key of their own: without
   * one they are refused (`key_required`, 403), and when fal refuses it that is told to them (`key_refused`, 403), not to the
   * operator. When it gives nothing, no other key takes its place. It is called once for each call, has 10 seconds, and leaves the
   * body unread.
   *
   * @example
   * credentials: (request, principal, env) => openKey(request, { principal, secret: env.FAL_PROXY_SECRET }),
   */
  credentials?: Secret | [Secret, Secret] | KeyOfCall;
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
