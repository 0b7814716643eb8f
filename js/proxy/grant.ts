/**
 * Grants: one call that the app's own server allows, after its own checkout or check, on a text that the page hands over. What
 * is signed is decided by the core (src/proxy/grant.rs); that it is used once is counted in the store of `limits`.
 */

import { grantMessage, grantText, isGrantId } from "#core";
import { checkOptions, needed, object, shape, whole, wrongAt } from "../client/shape.ts";
import { callCore } from "../core/call-core.ts";
import { endpointOf } from "../core/texts.ts";
import { FailureKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import { isServer } from "../host/server/host.ts";
import { priceShape } from "../limits/shape.ts";
import type { Price } from "../limits/types.ts";
import { isPrincipal } from "./authenticate.ts";
import { toBase64url } from "./base64url.ts";
import type { GrantOptions } from "./grant-types.ts";
import { fieldsShape } from "./input-rules.ts";
import { HMAC, MIN_SECRET_BYTES, derivedBits, isLongSecret, signatureOf } from "./secret.ts";
import type { InputRule } from "./types.ts";

/** As long as what was used is remembered. */
const DAY_SECONDS = 24 * 3600;
/** More than fits into a grant. */
const MAX_CONTENT_BYTES = 4096;
const encoder = new TextEncoder();

/** What a grant says, beside what the core looks at. */
export interface GrantContent {
  inputs?: Record<string, InputRule>;
  price?: number | Price;
}

const grantShape = object<GrantOptions>({
  endpoint: needed({
    takes: 'an endpoint id such as "fal-ai/flux/dev"',
    fits: (value) => typeof value === "string",
    inside: endpointOf,
  }),
  principal: needed(shape("an object whose `id` is a text that is not empty", isPrincipal)),
  inputs: fieldsShape,
  price: priceShape,
  expires: needed(whole(1, DAY_SECONDS)),
  id: shape("up to 128 letters, digits and . - _", (value) => typeof value === "string" && isGrantId(value)),
  secret: needed(shape(`a text of at least ${MIN_SECRET_BYTES} bytes`, isLongSecret)),
});

/** The key that signs and checks grants, for this purpose only. */
export async function grantKey(secret: string): Promise<CryptoKey> {
  const bits = await derivedBits(secret.trim(), "fal-wasm grant 1");
  return crypto.subtle.importKey("raw", bits, HMAC, false, ["sign", "verify"]);
}

/**
 * Allows one call. A page hands the grant over in the header `x-fal-grant`: `fal.subscribe(id, { input, headers })`. The proxy's
 * `grantedEndpoints` names the endpoints that are called with a grant only. What provably did not run leaves a grant unused.
 *
 * Throws when an option is wrong (`invalid_option`), and outside of a server.
 *
 * @example
 * const inputs = { duration: { oneOf: ["4s", "6s"] } };
 * return Response.json({
 *   grant: await grant({ endpoint: "fal-ai/veo3", principal: user, inputs, price: 2.5, expires: 600, id: order, secret: env.FAL_PROXY_SECRET }),
 * });
 */
export async function grant<Id extends string>(options: GrantOptions<Id>): Promise<string> {
  const text = callCore(() => {
    if (!isServer({})) throw new OperationError(FailureKind.CredentialsInBrowser);
    checkOptions(grantShape, options);
    const { endpoint, principal, inputs, price, expires, id = crypto.randomUUID() } = options;
    const content = encoder.encode(JSON.stringify({ inputs, price }));
    const ends = Math.floor(Date.now() / 1000) + expires;
    const fits = content.byteLength <= MAX_CONTENT_BYTES;
    const written = fits
      ? grantText(id, endpointOf(endpoint).endpoint, principal.id, ends, toBase64url(content))
      : undefined;
    return written ?? wrongAt(["inputs"], "has more rules than fit into a header: the proxy's own `inputs` hold, too.");
  });
  const message = callCore(() => grantMessage(text));
  return text + (await signatureOf(await grantKey(options.secret), message));
}
