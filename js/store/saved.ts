/** The handle of a request, kept where a reload does not lose it. */

import type { SavedRequest } from "../queue/types.ts";
import type { HandleStorage, StoreOptions } from "./types.ts";

declare const sessionStorage: HandleStorage | undefined;

/** Does what a storage may refuse, or a place may not have: then calls go on without it. */
const tried = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch {
    return undefined;
  }
};

/** `options` are asked for each time: a component may change them. */
export function saved(endpoint: string, options: () => StoreOptions) {
  const act = <T>(work: (storage: HandleStorage, key: string) => T | Promise<T>) => {
    const { resume } = options();
    if (!resume) return undefined;
    const key = ["fal-wasm", endpoint, ...(resume === true ? [] : [resume])].join(":");
    return tried(() => {
      const storage = options().storage ?? sessionStorage;
      return storage && work(storage, key);
    });
  };
  return {
    async read(): Promise<SavedRequest | undefined> {
      const text = await act((storage, key) => storage.getItem(key));
      return tried(() => JSON.parse(text as string) ?? undefined);
    },
    write: (handle: SavedRequest) => act((storage, key) => storage.setItem(key, JSON.stringify(handle))),
    forget: () => act((storage, key) => storage.removeItem(key)),
  };
}
