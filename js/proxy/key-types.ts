/** Keys: those of visitors, and one that leaked. */

import type { Principal } from "../limits/types.ts";

/** A fal key that came from a browser. */
export interface KeyLeak {
  /** Whether this proxy calls fal with it: then revoke it. Undefined when the proxy's own key cannot be read. */
  ours: boolean | undefined;
  /** The first 8 characters of the key's SHA-256, in hexadecimal. `npx fal-wasm doctor` prints some more of the same. */
  fingerprint: string;
  /** How many keys came since this was called last that it was not called for. */
  unreported: number;
}

/** Says which key a call is paid with: a key, or nothing when this visitor has none. */
export type KeyOfCall = (
  request: Request,
  principal: Principal,
  env: any,
) => string | null | undefined | Promise<string | null | undefined>;

/** How a visitor's key is opened again. */
export interface OpenKeyOptions {
  /** Who asks: what `authenticate` said. */
  principal: Principal;
  /** At least 32 bytes; several while one replaces the others: the first seals, and all of them open. */
  secret: string | string[];
}

/** How a visitor's key is sealed. */
export interface SealKeyOptions extends OpenKeyOptions {
  /**
   * For how long, in whole seconds from a minute to a year.
   *
   * @default 2592000 (30 days)
   */
  maxAgeSeconds?: number;
  /**
   * `"None"` for an app whose page is on another site than its proxy.
   *
   * @default "Strict"
   */
  sameSite?: "Strict" | "Lax" | "None";
}
