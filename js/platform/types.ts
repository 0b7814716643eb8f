/** The public types of the Platform APIs. Those of each operation come from fal's OpenAPI document, in `paths.ts`. */

import type { Config } from "../client/config.ts";
import type { FalError } from "../errors/errors.ts";
import type { paths } from "./paths.ts";

export type { paths as PlatformPaths } from "./paths.ts";

/** The configuration of a Platform client. Every call goes directly to fal, never through a proxy. */
export type PlatformConfig = Pick<
  Config,
  "credentials" | "env" | "loginToken" | "scope" | "onKeyRejected" | "fetch" | "retry" | "dangerouslyTreatAsServer"
>;

type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that have a method. */
export type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? NonNullable<paths[P][M]> : never;

type Content<Response> = Response extends { content: infer C }
  ? C extends { "text/event-stream": unknown }
    ? AsyncIterable<any>
    : C extends { "application/octet-stream": unknown }
      ? ArrayBuffer
      : C[keyof C]
  : undefined;

type Body<Op> = Op extends { requestBody: { content: infer C } }
  ? { body: C extends { "multipart/form-data": unknown } ? FormData | Record<string, unknown> : C[keyof C] }
  : Op extends { requestBody?: { content: infer C } }
    ? { body?: C[keyof C] }
    : { body?: undefined };

type Required1<Part> = Part extends undefined ? never : {} extends Part ? never : Part;

type Params<Op> = Op extends { parameters: infer Parameters }
  ? [Required1<Parameters[("path" | "query") & keyof Parameters]>] extends [never]
    ? { params?: Partial<Parameters> }
    : { params: Omit<Parameters, "header" | "cookie"> & { header?: Record<string, string> } }
  : { params?: undefined };

/** Options of any call. */
export interface PlatformOptions {
  /** Aborts the call. */
  abortSignal?: AbortSignal;
  /** The same as `abortSignal`, under the name it has in `fetch`. */
  signal?: AbortSignal;
  /** Milliseconds for all tries together; for a stream, the longest silence. */
  timeout?: number;
  /** Additional headers. */
  headers?: Record<string, string>;
  /**
   * The `Idempotency-Key`. Operations that support one get a random key for each call, which stays the same for every
   * try. Set your own to make two calls count as one.
   */
  idempotencyKey?: string;
  /** Whether calling twice is harmless. A write without a key is then sent again when its outcome is unknown. */
  idempotent?: boolean;
}

/** Parameters, body and options of a call, in the shape of openapi-fetch. */
export type PlatformInit<P extends keyof paths, M extends Method> = Params<Operation<P, M>> &
  Body<Operation<P, M>> &
  PlatformOptions;

/** What a call resolves to, as `data`. */
export type PlatformData<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Content<R[keyof R]> : never;

/** The result of a call. Failures are thrown, as everywhere in this package, so there is never an `error`. */
export interface PlatformResult<Data> {
  data: Data;
  error?: undefined;
  /** Status and headers; the body has already been read. */
  response: Response;
}

type Call<M extends Method> = <P extends PathsWith<M>>(
  path: P,
  ...init: {} extends PlatformInit<P, M> ? [init?: PlatformInit<P, M>] : [init: PlatformInit<P, M>]
) => Promise<PlatformResult<PlatformData<P, M>>>;

type Items<Page> = {
  [K in keyof Page]-?: NonNullable<Page[K]> extends (infer Item)[] ? Item : never;
}[keyof Page];

/** A paginated list. A loop requests one page after the other; leaving the loop, or aborting, stops it. */
export interface PlatformList<Item, Page> extends AsyncIterable<Item> {
  /** The pages themselves, with all their fields. */
  pages(): AsyncIterable<Page>;
}

type ListOf<P extends PathsWith<"get">, Item = Items<PlatformData<P, "get">>> = PlatformList<
  Item,
  PlatformData<P, "get">
>;

/** The query of a `GET`. */
export type PlatformQuery<P extends PathsWith<"get">> =
  Operation<P, "get"> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;

type Query<P extends PathsWith<"get">> = PlatformQuery<P>;
type ItemAt<P extends PathsWith<"get">, K extends string> =
  PlatformData<P, "get"> extends { [X in K]?: (infer Item)[] } ? Item : never;

/** A new key. This is the only time that `key` is shown. */
export type CreatedKey = PlatformData<"/keys", "post">;
/** A key in a list. */
export type ListedKey = ItemAt<"/keys", "keys">;

/**
 * How a key is replaced. Rotate an alias from one place at a time: two rotations that meet notice each other when both
 * looked before either made its key.
 */
export interface RotateOptions {
  /**
   * The alias of the key. It stands for one deployment: every other key with this alias counts as old. One that no key has
   * is an error (`key_not_found`), which names those there are.
   */
  alias: string;
  /** Brings the new key to where it is used. Nothing else receives the secret. */
  deploy(made: { alias: string; keyId: string; key: string }): unknown;
  /** Checks that the deployment works with the new key. `false`, or an error, stops the rotation before anything is revoked. */
  verify?(made: { alias: string; keyId: string }): unknown;
  /** Whether old keys are revoked, or a function that decides for each of them. Default true. */
  revokeOld?: boolean | ((key: ListedKey) => boolean | Promise<boolean>);
  /**
   * Makes the first key of an alias that no key has.
   *
   * @default false
   */
  create?: boolean;
  abortSignal?: AbortSignal;
}

/** A key was replaced. */
export interface Rotation {
  alias: string;
  /** The id of the new key. */
  keyId: string;
  /** Ids of the keys that no longer work. */
  revoked: string[];
  /** Ids of old keys that still do. */
  kept: string[];
}

/** A step of a rotation: the keys are listed, a key is made, deployed, checked, and old ones are revoked. */
export type RotationStep = "look" | "create" | "deploy" | "verify" | "revoke";

/** A rotation stopped (`rotation_stopped`). */
export interface RotationError extends FalError {
  readonly step: RotationStep;
  /** The id of the new key, from the moment it was made. The message says what becomes of it. */
  readonly keyId?: string;
  /** Continues with the same new key, from the step that failed. */
  resume(): Promise<Rotation>;
}

/** A schema as OpenAPI has it: a part of JSON Schema. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  nullable?: boolean;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  [keyword: string]: any;
}

/** What a model takes and gives, as fal describes it. */
export interface ModelSchema {
  endpointId: string;
  input: JsonSchema;
  output: JsonSchema;
  /** What a `$ref` of `#/components/schemas/…` names. */
  components: Record<string, JsonSchema>;
  /** The whole OpenAPI document. */
  document: Record<string, any>;
}

/** Common tasks by name. Each is one operation and resolves to what fal answers. */
export interface PlatformHelpers {
  readonly models: {
    list(query?: Query<"/models">, options?: PlatformOptions): ListOf<"/models">;
    search(q: string, query?: Query<"/models">, options?: PlatformOptions): ListOf<"/models">;
    get(
      endpointId: string,
      query?: Query<"/models">,
      options?: PlatformOptions,
    ): Promise<ItemAt<"/models", "models"> | undefined>;
    /**
     * What a model takes and gives, from its OpenAPI document. A private app is described to its own key.
     *
     * @throws FalError `not_found` for a model that is not there, `invalid_answer` where fal has no such document.
     */
    schema(endpointId: string, options?: PlatformOptions): Promise<ModelSchema>;
    pricing(endpointId: string | string[], options?: PlatformOptions): Promise<ItemAt<"/models/pricing", "prices">[]>;
    estimate(
      body: NonNullable<PlatformInit<"/models/pricing/estimate", "post">["body"]>,
      options?: PlatformOptions,
    ): Promise<PlatformData<"/models/pricing/estimate", "post">>;
    /** Needs ADMIN. By time; `summary` and the other fields of a page are in {@link PlatformList.pages}. */
    usage(
      query?: Query<"/models/usage">,
      options?: PlatformOptions,
    ): ListOf<"/models/usage", ItemAt<"/models/usage", "time_series">>;
    analytics(
      query: Query<"/models/analytics">,
      options?: PlatformOptions,
    ): ListOf<"/models/analytics", ItemAt<"/models/analytics", "time_series">>;
  };
  readonly requests: {
    list(
      query: Query<"/models/requests/by-endpoint">,
      options?: PlatformOptions,
    ): ListOf<"/models/requests/by-endpoint">;
    search(query: Query<"/models/requests/search">, options?: PlatformOptions): ListOf<"/models/requests/search">;
    /** Needs ADMIN. */
    deletePayloads(
      requestId: string,
      options?: PlatformOptions,
    ): Promise<PlatformData<"/models/requests/{request_id}/payloads", "delete">>;
  };
  /** Needs ADMIN. */
  readonly keys: {
    list(query?: Query<"/keys">, options?: PlatformOptions): ListOf<"/keys">;
    create(alias: string, options?: PlatformOptions): Promise<CreatedKey>;
    /** Revoking a key that no longer exists succeeds. */
    revoke(keyId: string, options?: PlatformOptions): Promise<void>;
    /**
     * Creates a new key, deploys it, checks that it works, and revokes the old one. Rejects with a {@link RotationError}, or
     * with the code `key_not_found` when no key has the alias.
     */
    rotate(options: RotateOptions): Promise<Rotation>;
  };
  readonly account: {
    /** Needs ADMIN. `{ expand: "credits" }` adds the balance. */
    billing(
      query?: Query<"/account/billing">,
      options?: PlatformOptions,
    ): Promise<PlatformData<"/account/billing", "get">>;
  };
  readonly logs: {
    /** Log lines as they are written. */
    stream(
      query?: NonNullable<PlatformInit<"/serverless/logs/stream", "post">["params"]>["query"],
      filters?: PlatformInit<"/serverless/logs/stream", "post">["body"],
      options?: PlatformOptions,
    ): Promise<AsyncIterable<any>>;
    history(
      query?: NonNullable<PlatformInit<"/serverless/logs/history", "post">["params"]>["query"],
      filters?: PlatformInit<"/serverless/logs/history", "post">["body"],
      options?: PlatformOptions,
    ): PlatformList<
      PlatformData<"/serverless/logs/history", "post">["items"][number],
      PlatformData<"/serverless/logs/history", "post">
    >;
  };
  readonly files: {
    list(dir?: string, options?: PlatformOptions): Promise<PlatformData<"/serverless/files/list", "get">>;
    download(file: string, options?: PlatformOptions): Promise<ArrayBuffer>;
    upload(
      target: string,
      content: Blob | ArrayBuffer | Uint8Array | string,
      options?: PlatformOptions & { unzip?: boolean },
    ): Promise<boolean>;
    uploadFromUrl(file: string, url: string, options?: PlatformOptions): Promise<boolean>;
  };
  readonly storage: {
    acl(url: string, options?: PlatformOptions): Promise<PlatformData<"/storage/files/acl", "get">>;
    setAcl(
      url: string,
      acl: PlatformInit<"/storage/files/acl", "put">["body"],
      options?: PlatformOptions,
    ): Promise<PlatformData<"/storage/files/acl", "put">>;
    sign(
      url: string,
      settings: PlatformInit<"/storage/files/sign", "post">["body"],
      options?: PlatformOptions,
    ): Promise<PlatformData<"/storage/files/sign", "post">>;
  };
  meta(options?: PlatformOptions): Promise<PlatformData<"/meta", "get">>;
}

/** A client of the Platform APIs: every operation by method and path, paginated lists, and helpers. */
export interface PlatformClient extends PlatformHelpers {
  readonly GET: Call<"get">;
  readonly POST: Call<"post">;
  readonly PUT: Call<"put">;
  readonly PATCH: Call<"patch">;
  readonly DELETE: Call<"delete">;
  /** The list of any paginated `GET`, by cursor or by offset. `limit` is the size of a page. */
  list<P extends PathsWith<"get">>(path: P, init?: PlatformInit<P, "get">): ListOf<P>;
}
