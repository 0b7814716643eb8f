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
 * invalid one with `unauthorized`. The answer itself is not read.
 */
export async function checkKey(): Promise<{ key: KeyCheck; findings: Finding[] }> {
  try {
    await createPlatformClient().GET("/account/billing", { timeout: TIMEOUT });
    return { key: { works: true, scope: "ADMIN" }, findings: [] };
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (code === "scope_required") return { key: { works: true, scope: "API" }, findings: [] };
    return { key: { works: false }, findings: [{ code: FINDINGS[code] ?? "key_unchecked", detail: code }] };
  }
}
