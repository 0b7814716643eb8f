/** The public types of `fal-wasm/proxy`. */

import type { ProxyRefusalCode } from "../errors/codes.ts";
import type { Env, Secret } from "../client/config.ts";
import type { EndpointTypeMap } from "../client/run.ts";
import type { Limits, Principal } from "../limits/types.ts";
import type { StorageSettings } from "../storage/types.ts";
import type { ErrorContext } from "./error-types.ts";
import type { KeyLeak, KeyOfCall } from "./key-types.ts";

export type { Principal };
export type * from "./error-types.ts";
export type * from "./key-types.ts";

/** What a call is about. */
export type RouteKind =
  "run" | "stream" | "submit" | "status" | "statusStream" | "result" | "cancel" | "upload" | "token";

/** What a rule can name of the values of a field. */
type Scalar = string | number | boolean | null;

/** The scalars among the values of a field; all of them where its type is not known. */
type ScalarOf<Value> = unknown extends Value ? Scalar : Extract<Value, Scalar>;

/** A rule where the values of a field can be of a kind; it can be given to no other field. */
type Where<Value, Kind, Rule> = unknown extends Value ? Rule : Extract<Value, Kind> extends never ? undefined : Rule;

/** A rule for one field of an input. A field that is absent has the model's default. */
export interface InputRule<Value = any> {
  /** A number, at most this one. */
  max?: Where<Value, number, number>;
  /** A number, at least this one. */
  min?: Where<Value, number, number>;
  /** A text of at most this many characters. */
  maxLength?: Where<Value, string, number>;
  /** A list of at most this many items. */
  maxItems?: Where<Value, readonly unknown[], number>;
  /** One of these scalars. */
  oneOf?: ScalarOf<Value>[];
  /** This value and no other; put in where it is absent. Only for fields at the top of an input. */
  fixed?: ScalarOf<Value>;
  /** The field must be absent. */
  absent?: true;
}

/** Every endpoint: those that are known, and all others. */
interface Endpoints extends EndpointTypeMap {
  [id: string]: any;
}

/** Rules for the fields of an input: those it has, and paths into them. */
type RulesFor<Input> = unknown extends Input
  ? Record<string, InputRule>
  : { [Field in keyof Input & string]?: InputRule<NonNullable<Input[Field]>> } & {
      [path: `${string}.${string}`]: InputRule;
    };

/** Rules for inputs, by endpoint pattern. What is known of an endpoint's input types its rules. */
export type InputRules = { [Id in keyof Endpoints]?: RulesFor<InputOf<Endpoints[Id]>> };

type InputOf<Endpoint> = Endpoint extends { input: infer Input } ? Input : any;

/** Which short-lived tokens a proxy issues. */
export interface RealtimeTokens {
  /**
   * How long a token is valid, in whole seconds from 1 to 3600. It only has to last until the connection is open.
   *
   * @default 120
   */
  expirationSeconds?: number;
  /**
   * Also for endpoints with rules in `inputs`. What is sent through such a connection no rule sees.
   *
   * @default false
   */
  unruled?: boolean;
  /**
   * Also by fal's older contract, which `@fal-ai/client` asks in. It names a whole app, whoever owns it, and not an endpoint:
   * it is used only for apps of which everything is allowed (`"owner/app/**"`), when it is asked for or fal does not know the
   * newer one.
   *
   * @default false
   */
  olderContract?: boolean;
}

/** What a proxy did with a call. It contains no key, no prompt and no result. */
export interface Decision {
  /** Who asked, once that was known. */
  principal?: string;
  route?: RouteKind;
  /** The endpoint of a run, a stream or a submit; of status, result and cancel the app that their URL names. */
  endpoint?: string;
  requestId?: string;
  /** The first 8 characters of the SHA-256, in hexadecimal, of the fal key that it was sent with; absent when it was not sent. */
  key?: string;
  /** Which policy decided: a hash of the options. What a function says and what a store holds is not in it. */
  policy: string;
  /** What was reserved for it, in the currency of `limits.spending`. */
  reserved?: number;
  /** What it came to: of a run at its end, of a job with its result. Absent while that is not known. */
  cost?: number;
  /** How many units fal bills for it, as fal's response says. */
  billableUnits?: number;
  /** With `mode: "watch"`, the codes with which it would have been refused. */
  wouldRefuse?: ProxyRefusalCode[];
  /** `"ok"`, or the code of the refusal. */
  code: "ok" | ProxyRefusalCode;
  status: number;
  /** Milliseconds from the arrival of the call to the last byte of the response. */
  ms: number;
  /** Size of the body that fal responded with. */
  bytes: number;
  /** Whether the response came to its end; false when the client left before. */
  complete: boolean;
}

/**
 * A decision as it is recorded: with its time, its place in a chain, and a hash of all that and of the record before it. A
 * record that was changed later, or is missing, shows: `npx fal-wasm audit`.
 */
export interface AuditRecord extends Decision {
  /** When the call was over, as an ISO 8601 time. */
  at: string;
  /** The name of the chain: each process has one of its own. */
  chain: string;
  /** Its place in the chain, from 1. */
  sequence: number;
  /** The hash of the record before it; empty for the first. */
  previous: string;
  /** SHA-256 in hexadecimal. */
  hash: string;
}

/** An origin whose pages may call the proxy. */
export interface TrustedOrigin {
  /** As a browser sends it: `"https://app.example"`. */
  origin: string;
  /**
   * Whether its pages may send cookies along (`credentials: "include"`). Cookies cross to another site only when they are set
   * with `SameSite=None; Secure`, and browsers that block those of third parties do not send them at all.
   *
   * @default false
   */
  credentials?: boolean;
}

/**
 * Rules for uploads. The proxy asks fal for a place, and the browser sends the bytes there itself: how large a file is, and
 * whether it is what it says it is, only fal sees.
 */
export interface UploadRules {
  /** Media types as files declare them: `"image/png"`, or `"image/*"` for all of a kind. Without them, any. */
  types?: string[];
  /** How long uploaded files live, and who may read them, whatever the browser says. Without it that is as the account has it. */
  lifecycle?: StorageSettings;
}

/** A proof that is good for one call. */
export interface Attestation {
  /** What no other proof has: its id, or the proof itself. A digest of it is kept. */
  once: string;
  /**
   * For how long it is remembered, in seconds: at least as long as the proof is valid.
   *
   * @default 86400
   */
  rememberSeconds?: number;
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
   * rules on what visitors really do. Who asks, where a call may go, and idempotency keys are checked all the same.
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
