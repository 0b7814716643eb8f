/**
 * A fal key that came from a browser: whose it is, and telling the operator. How often is decided by the core
 * (src/proxy/key_leak.rs). The key itself is shown to nobody.
 */

import type { Credentials } from "../host/transport.ts";
import { callCore } from "../core/call-core.ts";
import { CREDENTIAL, KEY } from "../core/wire.ts";
import { findCredential, spareCredential, withoutScheme } from "../host/server/credentials.ts";
import { digestOf } from "../limits/once.ts";
import type { ProxyCall } from "./call.ts";
import { hasOwnKeys } from "./call-key.ts";

/** Enough to tell the keys of an account apart. */
const FINGERPRINT_LENGTH = 8;

/** The first characters of a key's SHA-256. */
export const fingerprintOf = async (key: string): Promise<string> => (await digestOf(key)).slice(0, FINGERPRINT_LENGTH);

/** The keys in a text: those of a key's shape, else whatever comes in the scheme of one. */
function keysIn(text: string): string[] {
  const shaped = text.match(new RegExp(KEY, "gi"));
  if (shaped) return shaped.map((key) => key.replace(/%3a/i, ":"));
  return CREDENTIAL.test(text) ? [withoutScheme(text)] : [];
}

/** The keys in the headers and the URL of a request. */
const keysOf = ({ headers, url }: Request): string[] => [url, ...[...headers].flat()].flatMap(keysIn);

/** The keys that this proxy calls fal with; undefined when the first cannot be read, or depends on who asks. */
async function ownKeys({ proxy: { options }, secrets }: ProxyCall): Promise<string[] | undefined> {
  const { credentials } = options;
  if (hasOwnKeys(options)) return undefined;
  const from = { ...options, credentials: credentials as Credentials["credentials"], env: credentials ? {} : secrets };
  const [first, spare] = await Promise.all([findCredential, spareCredential].map((find) => find(from).catch(() => "")));
  return first ? [first, spare ?? ""].map(withoutScheme) : undefined;
}

/** Tells the operator of a key that came from a browser: at once, but not as often as somebody may send one. */
export function reportKeyLeak(call: ProxyCall): void {
  const { keyLeaks, options } = call.proxy;
  call.notify("onKeyLeak", async () => {
    if (!callCore(() => keyLeaks().came(performance.now()))) return;
    const leaked = keysOf(call.request);
    const own = await ownKeys(call);
    const known = leaked.find((key) => own?.includes(key));
    const ours = known !== undefined || (own && false);
    const unreported = callCore(() => keyLeaks().identified(performance.now(), ours === true));
    if (unreported === undefined) return;
    const fingerprint = await fingerprintOf(known ?? leaked[0] ?? "");
    if (options.onKeyLeak) await options.onKeyLeak(call.request, { ours, fingerprint, unreported });
    else if (ours) call.report(new Error(published(fingerprint)), "onKeyLeak");
  });
}

const published = (fingerprint: string): string =>
  `The key of this proxy (SHA-256 ${fingerprint}…) was sent from a browser, so it is public. Revoke it, and find the page that has it: "npx fal-wasm doctor".`;
