/** What people do every day, by name. Each is one operation; what it answers is fal's own. */

import { createRotation } from "./rotate-keys.ts";

/** @typedef {import("./call.ts").Call} Call */
/** @typedef {ReturnType<typeof import("./pages.ts").createLists>} List */

/** Bytes and streams as a file for a form. @param {any} content */
const blobOf = (content) => (content instanceof Blob ? content : new Blob([content]));

/**
 * @param {Call} call
 * @param {List} list
 * @param {(credentials: string) => any} withKey The same client with another key.
 */
export function createHelpers(call, list, withKey) {
  /** @param {string} method @param {string} path @param {any} params @param {any} [options] @param {any} [body] */
  const one = async (method, path, params, options, body) =>
    (await call(method, path, { ...options, params, body })).data;
  const lists = (/** @type {string} */ path) => (/** @type {any} */ query, /** @type {any} */ options) =>
    list("GET", path, { ...options, params: { query } });

  const keys = {
    list: lists("/keys"),
    /** @param {string} alias @param {any} [options] */
    create: (alias, options) => one("POST", "/keys", {}, options, { alias }),
    /** @param {string} id @param {any} [options] */
    revoke: (id, options) => one("DELETE", "/keys/{key_id}", { path: { key_id: id } }, options),
  };

  return {
    models: {
      list: lists("/models"),
      /** @param {string} q @param {any} [query] @param {any} [options] */
      search: (q, query, options) => lists("/models")({ ...query, q }, options),
      /** @param {string} id @param {any} [query] @param {any} [options] */
      get: async (id, query, options) =>
        (await one("GET", "/models", { query: { ...query, endpoint_id: id } }, options)).models[0],
      /** @param {string | string[]} ids @param {any} [options] */
      pricing: async (ids, options) =>
        (await one("GET", "/models/pricing", { query: { endpoint_id: ids } }, options)).prices,
      /** @param {any} body @param {any} [options] */
      estimate: (body, options) => one("POST", "/models/pricing/estimate", {}, options, body),
      usage: lists("/models/usage"),
      analytics: lists("/models/analytics"),
    },
    requests: {
      list: lists("/models/requests/by-endpoint"),
      search: lists("/models/requests/search"),
      /** @param {string} id @param {any} [options] */
      deletePayloads: (id, options) =>
        one("DELETE", "/models/requests/{request_id}/payloads", { path: { request_id: id } }, options),
    },
    keys: { ...keys, rotate: createRotation(keys, withKey) },
    account: {
      /** @param {any} [query] @param {any} [options] */
      billing: (query, options) => one("GET", "/account/billing", { query }, options),
    },
    logs: {
      /** @param {any} [query] @param {any} [filters] @param {any} [options] */
      stream: (query, filters = [], options = undefined) =>
        one("POST", "/serverless/logs/stream", { query }, options, filters),
      /** @param {any} [query] @param {any} [filters] @param {any} [options] */
      history: (query, filters = [], options = undefined) =>
        list("POST", "/serverless/logs/history", { ...options, params: { query }, body: filters }),
    },
    files: {
      /** @param {string} [dir] @param {any} [options] */
      list: (dir, options) =>
        dir
          ? one("GET", "/serverless/files/list/{dir}", { path: { dir } }, options)
          : one("GET", "/serverless/files/list", {}, options),
      /** @param {string} file @param {any} [options] */
      download: (file, options) => one("GET", "/serverless/files/file/{file}", { path: { file } }, options),
      /** @param {string} target @param {any} content @param {any} [options] */
      upload: (target, content, { unzip, ...options } = {}) =>
        one(
          "POST",
          "/serverless/files/file/local/{target_path}",
          { path: { target_path: target }, query: { unzip } },
          options,
          {
            file_upload: blobOf(content),
          },
        ),
      /** @param {string} file @param {string} url @param {any} [options] */
      uploadFromUrl: (file, url, options) =>
        one("POST", "/serverless/files/file/url/{file}", { path: { file } }, options, { url }),
    },
    storage: {
      /** @param {string} url @param {any} [options] */
      acl: (url, options) => one("GET", "/storage/files/acl", { query: { url } }, options),
      /** @param {string} url @param {any} acl @param {any} [options] */
      setAcl: (url, acl, options) => one("PUT", "/storage/files/acl", { query: { url } }, options, acl),
      /** @param {string} url @param {any} settings @param {any} [options] */
      sign: (url, settings, options) => one("POST", "/storage/files/sign", { query: { url } }, options, settings),
    },
    /** @param {any} [options] */
    meta: (options) => one("GET", "/meta", {}, options),
  };
}
