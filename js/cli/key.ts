/** Whether the key in the environment works. The package's own client asks, so the key goes where it always goes: to fal. */

import { createPlatformClient } from "../entries/server/platform.ts";

/** What an error of the client means for a key. Everything else: nobody knows. @type {Record<string, string>} */
const CODES = {
  account_locked: "account_locked",
  balance_exhausted: "account_locked",
  credentials_malformed: "key_malformed",
  credentials_missing: "key_missing",
  unauthorized: "key_rejected",
};

/** How long fal may take to answer, with all tries. */
const TIMEOUT = 20_000;

/**
 * Asks fal for what only an ADMIN key is told: another one that is good is told so. What is told is not looked at.
 *
 * @returns {Promise<{ key: { works: boolean, scope?: "API" | "ADMIN" }, findings: import("./examine.ts").Finding[] }>}
 */
export async function checkKey() {
  try {
    await createPlatformClient().GET("/account/billing", { timeout: TIMEOUT });
    return { key: { works: true, scope: "ADMIN" }, findings: [] };
  } catch (error) {
    const { code = "" } = /** @type {any} */ (error);
    if (code === "scope_required") return { key: { works: true, scope: "API" }, findings: [] };
    return { key: { works: false }, findings: [{ code: CODES[code] ?? "key_unchecked", detail: code }] };
  }
}
