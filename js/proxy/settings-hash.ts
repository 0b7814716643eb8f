/** Which policy it was: a hash of the options that decide something. */

import { settingsDigest } from "#core";
import { callCore } from "../core/call-core.ts";
import type { ProxyOptions } from "./types.ts";

/** What is secret, and what decides nothing. */
const LEFT_OUT = /^(secret|credentials|env|fetch|store|rateLimiter|audit|on[A-Z]\w*|dangerouslyTreatAsServer)$/;

/** Enough to tell the policies of an app apart. */
const LENGTH = 16;

/** A value without what is left out, its names in order. Of a function only that it is there can be said. */
function described(value: unknown): unknown {
  if (typeof value === "function") return "function";
  if (Array.isArray(value)) return value.map(described);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).filter((name) => !LEFT_OUT.test(name));
  return Object.fromEntries(names.sort().map((name) => [name, described((value as Record<string, unknown>)[name])]));
}

/** The hash of the options of a proxy, made when it is needed first. */
export function settingsHash(options: ProxyOptions): () => string {
  let hash = "";
  return () => (hash ||= callCore(() => settingsDigest(JSON.stringify(described(options)))).slice(0, LENGTH));
}
