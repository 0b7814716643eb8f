/** What a grant allows that came with a call: looked at before anything is counted, and used up with what is reserved. */

import { grantRefusal, readGrant } from "#core";
import { callCore } from "../core/call-core.ts";
import { secretIn } from "../host/server/credentials.ts";
import { estimateOf } from "../limits/prices.ts";
import { fromBase64url } from "./base64url.ts";
import type { ProxyCall } from "./call.ts";
import { type GrantContent, grantKey } from "./grant.ts";
import { GRANT } from "./headers.ts";
import { rulesOf } from "./input-rules.ts";
import { GRANT_INVALID, GRANT_MISMATCH, GRANT_REQUIRED, MISCONFIGURED, Refusal } from "./refusals.ts";
import { STREAM, TOKEN } from "./route-kind.ts";
import { MIN_SECRET_BYTES, isLongSecret, isSigned } from "./secret.ts";

const NO_SECRET = `Grants are signed with \`secret\` or FAL_PROXY_SECRET, which has to have at least ${MIN_SECRET_BYTES} bytes.`;

/** The key that grants are signed with: the app's secret, and never one that is derived from the fal key. */
async function keyOf({ proxy: { options }, secrets, report }: ProxyCall): Promise<CryptoKey> {
  try {
    const secret = await secretIn(options.secret ?? secrets.FAL_PROXY_SECRET);
    if (isLongSecret(secret)) return await grantKey(secret);
    throw new TypeError(NO_SECRET);
  } catch (error) {
    report(error, "secret");
    throw new Refusal(MISCONFIGURED);
  }
}

/**
 * Looks at the grant of a call to these endpoints, and refuses what it does not allow. One that nobody asked for holds, too; a
 * proxy without `grantedEndpoints` knows none.
 */
export async function checkGrant(call: ProxyCall, endpoints: readonly string[]): Promise<void> {
  const { head, routeKind, proxy, principal, facts } = call;
  const isKnown = proxy.options.grantedEndpoints !== undefined;
  const text = head.headers.get(GRANT);
  if (text === undefined) {
    if (isKnown && endpoints.some((endpoint) => proxy.policy.needsGrant(endpoint, routeKind === STREAM)))
      throw new Refusal(GRANT_REQUIRED);
    return;
  }
  const read = isKnown ? callCore(() => readGrant(text)) : undefined;
  if (!read) throw new Refusal(GRANT_INVALID);
  const { id, message, signature, content } = read;
  read.free();
  if (!(await isSigned(await keyOf(call), message, signature))) throw new Refusal(GRANT_INVALID);
  facts.grant = id;
  const { inputs, price } = JSON.parse(new TextDecoder().decode(fromBase64url(content))) as GrantContent;
  const [endpoint, ...others] = endpoints;
  if (endpoint === undefined || others.length > 0) throw new Refusal(GRANT_MISMATCH);
  const now = Math.floor(Date.now() / 1000);
  const refusal = callCore(() => grantRefusal(text, routeKind, endpoint, principal.id, now, inputs !== undefined));
  if (refusal >= 0) throw new Refusal(refusal);
  call.grant = { id, ...(price !== undefined && { price: estimateOf(price) }) };
  call.grantRules = routeKind === TOKEN ? [] : rulesOf(inputs ?? {});
}
