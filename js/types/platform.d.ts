/** fal's Platform APIs: models, prices, usage, requests, keys, files, logs. For servers. */

import type { Config } from "./config.js";
import type { FalError } from "./errors.js";
import type { paths } from "./platform-paths.js";

export type { paths as PlatformPaths } from "./platform-paths.js";
export * from "./errors.js";

/** The configuration of a client of the Platform APIs. Everything goes to fal itself, never through a proxy. */
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

/** What can be said about any call. */
export interface PlatformOptions {
  /** Aborts it. */
  abortSignal?: AbortSignal;
  /** The same, by its name in `fetch`. */
  signal?: AbortSignal;
  /** Milliseconds for all tries together; for a stream the longest silence. */
  timeout?: number;
  /** More headers. */
  headers?: Record<string, string>;
  /**
   * The `Idempotency-Key`. Where an operation knows one, it is made up for each call and stays the same from try to try;
   * give one of your own to have two calls count as one.
   */
  idempotencyKey?: string;
  /** Whether calling twice does no harm, so that a write without a key is sent again when it is not known what became of it. */
  idempotent?: boolean;
}

/** What goes along with a call, as openapi-fetch has it. */
export type PlatformInit<P extends keyof paths, M extends Method> = Params<Operation<P, M>> &
  Body<Operation<P, M>> &
  PlatformOptions;

/** What a call answers. */
export type PlatformData<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Content<R[keyof R]> : never;

/** The result of a call. What goes wrong is thrown, as everywhere in this package: there is no `error` in it. */
export interface PlatformResult<Data> {
  data: Data;
  error?: undefined;
  /** Status and headers; its body is read already. */
  response: Response;
}

type Call<M extends Method> = <P extends PathsWith<M>>(
  path: P,
  ...init: {} extends PlatformInit<P, M> ? [init?: PlatformInit<P, M>] : [init: PlatformInit<P, M>]
) => Promise<PlatformResult<PlatformData<P, M>>>;

type Items<Page> = {
  [K in keyof Page]-?: NonNullable<Page[K]> extends (infer Item)[] ? Item : never;
}[keyof Page];

/** A list in pages. Looping asks for one page after the other; leaving the loop, or aborting, ends it. */
export interface PlatformList<Item, Page> extends AsyncIterable<Item> {
  /** The pages as they come, with everything that is in them. */
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

/** A key that was made. `key` is shown this once. */
export type CreatedKey = PlatformData<"/keys", "post">;
/** A key as it is listed. */
export type ListedKey = ItemAt<"/keys", "keys">;

/** How a key is replaced. */
export interface RotateOptions {
  /** The alias of the key. It stands for one deployment: every other key of this name is an old one. */
  alias: string;
  /** Takes the new key to where it is used. The only place that ever sees the secret. */
  deploy(made: { alias: string; keyId: string; key: string }): unknown;
  /** Looks whether the deployment works with the new key; `false`, or an error, stops the rotation before anything is revoked. */
  verify?(made: { alias: string; keyId: string }): unknown;
  /** Whether old keys are revoked, or a function that decides for each of them. Default true. */
  revokeOld?: boolean | ((key: ListedKey) => boolean | Promise<boolean>);
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

/** A rotation stopped (`rotation_stopped`). */
export declare class RotationError extends FalError {
  readonly step: "create" | "deploy" | "verify" | "revoke";
  /** Goes on with the same new key, from the step that failed. */
  resume(): Promise<Rotation>;
}

/** What people do every day, by name. Each is one operation, and answers what fal answers. */
export interface PlatformHelpers {
  readonly models: {
    list(query?: Query<"/models">, options?: PlatformOptions): ListOf<"/models">;
    search(q: string, query?: Query<"/models">, options?: PlatformOptions): ListOf<"/models">;
    get(
      endpointId: string,
      query?: Query<"/models">,
      options?: PlatformOptions,
    ): Promise<ItemAt<"/models", "models"> | undefined>;
    pricing(endpointId: string | string[], options?: PlatformOptions): Promise<ItemAt<"/models/pricing", "prices">[]>;
    estimate(
      body: NonNullable<PlatformInit<"/models/pricing/estimate", "post">["body"]>,
      options?: PlatformOptions,
    ): Promise<PlatformData<"/models/pricing/estimate", "post">>;
    /** By time; `summary` and the rest of a page are in {@link PlatformList.pages}. ADMIN. */
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
    /** ADMIN. */
    deletePayloads(
      requestId: string,
      options?: PlatformOptions,
    ): Promise<PlatformData<"/models/requests/{request_id}/payloads", "delete">>;
  };
  /** ADMIN. */
  readonly keys: {
    list(query?: Query<"/keys">, options?: PlatformOptions): ListOf<"/keys">;
    create(alias: string, options?: PlatformOptions): Promise<CreatedKey>;
    /** Revoking a key that is gone is as good as revoking it. */
    revoke(keyId: string, options?: PlatformOptions): Promise<void>;
    /** Makes a new key, deploys it, sees that it works, and revokes the old one. Rejects with a {@link RotationError}. */
    rotate(options: RotateOptions): Promise<Rotation>;
  };
  readonly account: {
    /** ADMIN. `{ expand: "credits" }` for the balance. */
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

/** A client of the Platform APIs: every operation by its method and path, lists, and the helpers. */
export interface PlatformClient extends PlatformHelpers {
  readonly GET: Call<"get">;
  readonly POST: Call<"post">;
  readonly PUT: Call<"put">;
  readonly PATCH: Call<"patch">;
  readonly DELETE: Call<"delete">;
  /** A list of any `GET` that comes in pages, by cursor or by offset. `limit` is the size of a page. */
  list<P extends PathsWith<"get">>(path: P, init?: PlatformInit<P, "get">): ListOf<P>;
}

/** Creates a client. Throws at once what is wrong with its configuration; in a browser that it is one. */
export declare function createPlatformClient(config?: PlatformConfig): PlatformClient;
