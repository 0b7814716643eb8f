/** Running a model: what goes in with the input, and what comes out. */

import type { StorageSettings } from "../storage/types.ts";

/**
 * Inputs and outputs of endpoints, by their ids. Add your own:
 *
 * ```ts
 * declare module "fal-wasm" {
 *   interface EndpointTypeMap {
 *     "my-team/my-app": { input: { prompt: string }; output: { images: { url: string }[] } };
 *   }
 * }
 * ```
 *
 * Those of all public models come with `import type {} from "fal-wasm/endpoints"`, when `@fal-ai/client` is installed.
 * `npx fal-wasm types <id> … --out fal.d.ts` writes such a file from what fal says today, also for private apps.
 */
export interface EndpointTypeMap {}

/** The id of an endpoint: a known one, or any other. */
export type EndpointType = keyof EndpointTypeMap | (string & {});

/** The input of an endpoint; anything for one that is not known. */
export type InputType<Id extends string> = Id extends keyof EndpointTypeMap
  ? EndpointTypeMap[Id] extends { input: infer Input }
    ? Input
    : Record<string, any>
  : Record<string, any>;

/** The output of an endpoint; anything for one that is not known. */
export type OutputType<Id extends string> = Id extends keyof EndpointTypeMap
  ? EndpointTypeMap[Id] extends { output: infer Output }
    ? Output
    : any
  : any;

/**
 * What the type argument of a call names: the id of an endpoint, which the compiler reads from the call, or the output
 * (`run<Picture>("a/b")`). One signature for both, so that an editor completes the input and says what is wrong with it.
 */
export type EndpointOrOutput = EndpointType | object | null | undefined | number | boolean;

/** The id of an endpoint that is called. */
export type IdFor<Named> = [Named] extends [string] ? Named : EndpointType;

/** The input of an endpoint that is called. */
export type InputFor<Named> = [Named] extends [string] ? InputType<Named> : any;

/** The output of an endpoint that is called. */
export type OutputFor<Named> = [Named] extends [string] ? OutputType<Named> : Named;

/** The parts of an endpoint id. */
export interface EndpointId {
  readonly owner: string;
  readonly alias: string;
  readonly path?: string | undefined;
  readonly namespace?: "workflows" | "comfy" | undefined;
}

/** The answer of a model. */
export interface Result<T> {
  data: T;
  /** The id of the request at fal; empty when the answer did not name one. */
  requestId: string;
}

/** Where below an endpoint a call goes. */
export interface UrlOptions {
  /** Appended to the endpoint id. Slashes in front of it are dropped. */
  readonly path?: string;
  /** Query parameters of your own. A proxy need not let them through; the one of this package does not. */
  readonly query?: Record<string, any>;
}

/** Headers, in any form that `fetch` takes: spelled out, because not every environment declares `HeadersInit`. */
export type CallHeaders = Headers | Record<string, string> | [string, string][];

/** What every call takes. */
export interface CallOptions {
  /** Aborts the call, at once. */
  readonly abortSignal?: AbortSignal;
  /**
   * Time for the call with all its tries and the rests between them, in milliseconds. Default: none. Uploading files
   * of an input has as much again.
   */
  readonly timeout?: number;
  /** Headers of your own, sent with each request of the call. A proxy need not pass them on. */
  readonly headers?: CallHeaders;
}

/**
 * What can be said about running a model.
 *
 * Some of it travels in headers. What a browser says of `storageSettings`, `startTimeout` and `noRetry` reaches fal when the
 * proxy passes it on (`forwardHeaders` of this package's); what it says of `hint`, `priority`, `storeIO` and `tags` does not,
 * because those are the app's to decide.
 */
export interface RunOptions<Input> extends CallOptions, UrlOptions {
  /**
   * The input. Blobs, files and bytes (an `ArrayBuffer`, a typed array) in it are uploaded, and their URLs take their
   * places: each once, four at a time. When one cannot be uploaded nothing is sent.
   */
  readonly input?: Input;
  /** Default `post`. With `get` the input becomes the query. */
  readonly method?: "get" | "post" | "put" | "delete" | "patch" | (string & {});
  /** How long the files of the result live, and who may read them; also those of the input that are uploaded. */
  readonly storageSettings?: StorageSettings;
  /** Seconds the request may wait to start, more than 1. */
  readonly startTimeout?: number;
  /** Asks for the runner that served this hint before. */
  readonly hint?: string;
  /** Tells fal not to try again by itself. Default false. */
  readonly noRetry?: boolean;
  /** Whether fal keeps input and output. Default: what is set for the account. From a browser: see above. */
  readonly storeIO?: boolean;
  /**
   * Tags for your bill: at most 10, names of `a-z0-9._-` up to 64 characters that do not begin with `fal.`, values up
   * to 256 without commas, 1024 in all.
   */
  readonly tags?: Record<string, string>;
  /**
   * Says that running twice does no harm. Then the call is sent again after every failure that may pass, also when it
   * is not known whether it was executed. Default false.
   */
  readonly idempotent?: boolean;
}
