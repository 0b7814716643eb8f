/** Checks the key in the environment. The package's own client sends the request, so the key goes to fal and nowhere else. */

import { createPlatformClient } from "../entries/server/platform.ts";
import type { Finding, KeyCheck } from "./types.ts";

/** What an error of the client means for a key. Any other error says nothing about the key. */
const FINDINGS: Record<string, string> = {
  account_locked: "account_locked",
  balance_exhausted: "account_locked",
  credentials_malformed: "key_malformed",
  credentials_missing: "key_missing",
  unauthorized: "key_rejected",
};

/** How long fal may take to answer, all tries included. */
const TIMEOUT = 20_000;

/**
 * Asks for something that only an ADMIN key may read: a valid key of another scope is refused with `scope_required`, an
 * invalid one with `unauthorized`.
 */
export async function checkKey(): Promise<{ key: KeyCheck; findings: Finding[] }> {
  try {
    const { data } = await createPlatformClient().GET("/account/billing", { timeout: TIMEOUT });
    const account = typeof data?.username === "string" ? { account: data.username } : {};
    return { key: { works: true, scope: "ADMIN", ...account }, findings: [] };
  } catch (error) {
    const { code = "", message = "" } = error as { code?: string; message?: string };
    if (code === "scope_required") return { key: { works: true, scope: "API" }, findings: [] };
    // A half without the other: the message says which one there is, and which one is missing.
    const [, missing] = /(FAL_KEY_\w+) is missing/.exec(message) ?? [];
    if (missing !== undefined)
      return { key: { works: false }, findings: [{ code: "key_half_missing", detail: missing }] };
    return { key: { works: false }, findings: [{ code: FINDINGS[code] ?? "key_unchecked", detail: code }] };
  }
}
