/** Lists that come in pages, to loop over. */

import { ANSWER_INVALID } from "../core/codes.ts";
import { PlatformOperation } from "#core";
import { callCore } from "../core/call-core.ts";
import { failure } from "../host/server/host.ts";
import { invalidOption } from "../client/options.ts";

/** A whole number, or none. @param {any} query @param {string} name */
function whole(query, name) {
  const value = Number(query[name] ?? 0);
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : invalidOption(name);
}

/** How a list is walked through: where its items are, and what the next page is asked with. @param {string} method @param {string} path @param {any} query */
function plan(method, path, query) {
  const operation = new PlatformOperation(method, path);
  try {
    const items = operation.items();
    if (!items) invalidOption("path");
    return { items, walk: operation.walk(String(query.cursor ?? ""), whole(query, "offset"), whole(query, "limit")) };
  } finally {
    operation.free();
  }
}

/**
 * Makes lists. One asks for a page when the loop comes to it; leaving the loop, or aborting, ends it.
 *
 * @param {import("./call.ts").Call} call
 */
export const createLists =
  (call) =>
  /** @param {string} method @param {string} path @param {any} [init] @returns {any} */
  (method, path, init = {}) => {
    const query = init.params?.query ?? {};

    async function* pages() {
      const { items, walk } = callCore(() => plan(method, String(path), query));
      /** @type {Record<string, unknown>} */
      let next = {};
      try {
        for (;;) {
          const asked = { ...init, params: { ...init.params, query: { ...query, ...next } } };
          const { data } = await call(method, path, asked);
          yield data;
          const { next_cursor: cursor, has_more: more } = data ?? {};
          const step = callCore(() => walk.step(data?.[items]?.length ?? 0, cursor ?? undefined, more ?? undefined));
          if (step === null) return;
          if (step === false) throw failure(ANSWER_INVALID, { endpoint: `${method} ${path}` });
          next = typeof step === "number" ? { offset: step } : { cursor: step };
        }
      } finally {
        walk.free();
      }
    }

    return {
      pages,
      async *[Symbol.asyncIterator]() {
        const { items, walk } = callCore(() => plan(method, String(path), query));
        walk.free();
        for await (const page of pages()) yield* page?.[items] ?? [];
      },
    };
  };
