/** Paginated lists, to loop over. */

import { FailureKind } from "../core/wire.ts";
import { PlatformOperation, type PlatformPages } from "#core";
import { callCore } from "../core/call-core.ts";
import { failure } from "../host/server/host.ts";
import { invalidOption } from "../client/checks.ts";
import type { Call, CallInit } from "./call.ts";
import type { PlatformList } from "./types.ts";

export type List = <Item, Page>(method: string, path: string, init?: CallInit) => PlatformList<Item, Page>;

type Query = Record<string, unknown>;

/** A page as fal answers it, or whatever else came in its place. */
type AnsweredPage =
  ({ next_cursor?: string | null; has_more?: boolean | null } & Record<string, unknown[] | undefined>) | undefined;

/** A whole number; 0 when it is absent. */
function whole(query: Query, name: string): number {
  const value = Number(query[name] ?? 0);
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : invalidOption(name);
}

/** How a list is walked: where a page keeps its items, and how the next page is requested. */
function plan(method: string, path: string, query: Query): { items: string; walk: PlatformPages } {
  const operation = new PlatformOperation(method, path);
  try {
    const items = operation.items();
    if (!items) invalidOption("path");
    return { items, walk: operation.walk(String(query.cursor ?? ""), whole(query, "offset"), whole(query, "limit")) };
  } finally {
    operation.free();
  }
}

/** Makes lists. A list requests a page when the loop gets to it; leaving the loop, or aborting, stops it. */
export const createLists =
  (call: Call): List =>
  <Item, Page>(method: string, path: string, init: CallInit = {}) => {
    const query = (init.params?.query ?? {}) as Query;

    async function* pages(): AsyncGenerator<Page> {
      const { items, walk } = callCore(() => plan(method, String(path), query));
      let next: Query = {};
      try {
        for (;;) {
          const request = { ...init, params: { ...init.params, query: { ...query, ...next } } };
          const { data } = await call<AnsweredPage>(method, path, request);
          yield data as Page;
          const { next_cursor: cursor, has_more: more } = data ?? {};
          const count = data?.[items]?.length ?? 0;
          const step: string | number | false | null = callCore(() =>
            walk.step(count, cursor ?? undefined, more ?? undefined),
          );
          if (step === null) return;
          if (step === false) throw failure(FailureKind.AnswerInvalid, { endpoint: `${method} ${path}` });
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
        for await (const page of pages()) yield* (page as Record<string, Item[]> | undefined)?.[items] ?? [];
      },
    };
  };
