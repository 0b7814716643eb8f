/** Common tasks by name. Each is one operation and resolves to what fal answers. */

import type { Call } from "./call.ts";
import type { List } from "./pages.ts";
import { createRotation } from "./rotate-keys.ts";
import { modelSchema } from "./schema.ts";
import type { PlatformClient, PlatformHelpers, PlatformList, PlatformOptions } from "./types.ts";

type Params = { path?: object; query?: object | undefined };

/** Bytes and streams as a file of a form. */
const blobOf = (content: BlobPart): Blob => (content instanceof Blob ? content : new Blob([content]));

/** Makes the helpers. `withKey` makes the same client with another key. */
export function createHelpers(
  call: Call,
  list: List,
  withKey: (credentials: string) => PlatformClient,
): PlatformHelpers {
  const one = async <Data>(method: string, path: string, params: Params, options?: PlatformOptions, body?: unknown) =>
    (await call<Data>(method, path, { ...options, params, body })).data;
  const lists =
    (path: string) =>
    <Item, Page>(query?: object, options?: PlatformOptions): PlatformList<Item, Page> =>
      list("GET", path, { ...options, params: { query } });

  const keys: Omit<PlatformHelpers["keys"], "rotate"> = {
    list: lists("/keys"),
    create: (alias, options) => one("POST", "/keys", {}, options, { alias }),
    revoke: (id, options) => one("DELETE", "/keys/{key_id}", { path: { key_id: id } }, options),
  };

  const models: PlatformHelpers["models"] = {
    list: lists("/models"),
    search: (q, query, options) => lists("/models")({ ...query, q }, options),
    get: async (id, query, options) => {
      const params = { query: { ...query, endpoint_id: id } };
      type Page = { models: Awaited<ReturnType<PlatformHelpers["models"]["get"]>>[] };
      return (await one<Page>("GET", "/models", params, options)).models[0];
    },
    schema: async (id, options) => {
      const model = await models.get(id, { expand: ["openapi-3.0"] }, options);
      return modelSchema(id, model?.openapi as Record<string, any> | undefined);
    },
    pricing: async (ids, options) => {
      type Page = { prices: Awaited<ReturnType<PlatformHelpers["models"]["pricing"]>> };
      return (await one<Page>("GET", "/models/pricing", { query: { endpoint_id: ids } }, options)).prices;
    },
    estimate: (body, options) => one("POST", "/models/pricing/estimate", {}, options, body),
    usage: lists("/models/usage"),
    analytics: lists("/models/analytics"),
  };

  const files: PlatformHelpers["files"] = {
    list: (dir, options) =>
      dir
        ? one("GET", "/serverless/files/list/{dir}", { path: { dir } }, options)
        : one("GET", "/serverless/files/list", {}, options),
    download: (file, options) => one("GET", "/serverless/files/file/{file}", { path: { file } }, options),
    upload: (target, content, { unzip, ...options } = {}) => {
      const params = { path: { target_path: target }, query: { unzip } };
      const form = { file_upload: blobOf(content as BlobPart) };
      return one("POST", "/serverless/files/file/local/{target_path}", params, options, form);
    },
    uploadFromUrl: (file, url, options) =>
      one("POST", "/serverless/files/file/url/{file}", { path: { file } }, options, { url }),
  };

  return {
    models,
    requests: {
      list: lists("/models/requests/by-endpoint"),
      search: lists("/models/requests/search"),
      deletePayloads: (id, options) =>
        one("DELETE", "/models/requests/{request_id}/payloads", { path: { request_id: id } }, options),
    },
    keys: { ...keys, rotate: createRotation(keys, withKey) },
    account: {
      billing: (query, options) => one("GET", "/account/billing", { query }, options),
    },
    logs: {
      stream: (query, filters = [], options) => one("POST", "/serverless/logs/stream", { query }, options, filters),
      history: (query, filters = [], options) =>
        list("POST", "/serverless/logs/history", { ...options, params: { query }, body: filters }),
    },
    files,
    storage: {
      acl: (url, options) => one("GET", "/storage/files/acl", { query: { url } }, options),
      setAcl: (url, acl, options) => one("PUT", "/storage/files/acl", { query: { url } }, options, acl),
      sign: (url, settings, options) => one("POST", "/storage/files/sign", { query: { url } }, options, settings),
    },
    meta: (options) => one("GET", "/meta", {}, options),
  };
}
