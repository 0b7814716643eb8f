/** Refusing a credential where everybody could read it. */

import { FailureKind } from "../core/wire.ts";
import { isKey } from "../core/texts.ts";
import { OperationError } from "../errors/errors.ts";

/** How deep options are looked into, and how many values are looked at. Nothing of ours is larger. */
const MAX_DEPTH = 8;
const MAX_VALUES = 10_000;

/** Whether something keeps what it holds out of sight. (A constant of the module would make Node load all of its `fetch` at import.) */
const isList = (value: unknown): boolean =>
  [Map, Set, Headers, URLSearchParams, FormData].some((list) => value instanceof list);

/** Options that hand over a credential, and whatever begins with the name of fal's variable. */
const CREDENTIAL = /^(credentials|env|logintoken)$|^falkey/;

/** Whether what is under such a name could be a credential; a function is asked. Nothing, or an empty text, is none. */
const couldBe = (item: unknown): boolean => {
  const given: unknown = typeof item === "function" ? item() : item;
  return typeof given === "string" ? given.trim() !== "" : Boolean(given);
};

/**
 * Throws when there is a credential among options. Every part of a configuration is searched, also the source of its
 * functions: a bundler that inlined a variable has put the key there. Of the options of a call neither the input (it is
 * the caller's own text) nor the callbacks are searched.
 */
export function refuseCredentials(options: unknown, isConfig: boolean): void {
  let left = MAX_VALUES;
  const finds = (value: unknown, depth: number): boolean => {
    if (left-- <= 0 || depth > MAX_DEPTH) return false;
    if (typeof value === "string") return isKey(value);
    if (typeof value === "function") return isConfig && isKey(Function.prototype.toString.call(value));
    if (value === null || typeof value !== "object") return false;
    if (isList(value)) return finds([...(value as Iterable<unknown>)], depth + 1);
    return Object.entries(value).some(([name, item]) => {
      if (depth === 0 && !isConfig && name === "input") return false;
      const plain = name.replace(/[^a-z0-9]/gi, "").toLowerCase();
      return (CREDENTIAL.test(plain) && couldBe(item)) || isKey(name) || finds(item, depth + 1);
    });
  };
  if (finds(options, 0)) throw new OperationError(FailureKind.CredentialsInBrowser);
}
