/**
 * Keys that visitors bring along, in a cookie that no page can read: sealed with AES-GCM for one visitor, by a secret of the
 * app's. What a seal is bound to is decided by the core (src/proxy/sealed_key.rs).
 */

import { readSealed, sealBoundTo, sealedText } from "#core";
import { checkOptions, either, list, needed, object, shape, whole, word } from "../client/shape.ts";
import { callCore } from "../core/call-core.ts";
import { FailureKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import { findCredential, withoutScheme } from "../host/server/credentials.ts";
import { failure, isServer } from "../host/server/host.ts";
import { isPrincipal } from "./authenticate.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { derivedBits, isLongSecret, MIN_SECRET_BYTES } from "./secret.ts";
import type { OpenKeyOptions, SealKeyOptions } from "./types.ts";

const MONTH_SECONDS = 30 * 24 * 3600;
const YEAR_SECONDS = 365 * 24 * 3600;
const NONCE_BYTES = 12;
/** `__Host-`: browsers take it over TLS only, and from this host alone. */
const COOKIE = "__Host-fal-key";
const encoder = new TextEncoder();

const secretText = shape(`a text of at least ${MIN_SECRET_BYTES} bytes`, isLongSecret);
const opening = {
  principal: needed(shape("an object whose `id` is a text that is not empty", isPrincipal)),
  secret: needed(either(secretText, list(secretText, { least: 1 }))),
};
const openShape = object<OpenKeyOptions>(opening);
const sealShape = object<SealKeyOptions>({
  ...opening,
  maxAgeSeconds: whole(60, YEAR_SECONDS),
  sameSite: word("Strict", "Lax", "None"),
});

const now = (): number => Math.floor(Date.now() / 1000);

const attributes = (maxAge: number, sameSite: string): string =>
  `Path=/; Max-Age=${maxAge}; HttpOnly; Secure; SameSite=${sameSite}`;

/** The secrets: the first seals, all of them open. */
const secretsOf = ({ secret }: OpenKeyOptions): readonly string[] => [secret].flat();

/** A key for this purpose only. */
async function sealingKey(secret: string): Promise<CryptoKey> {
  const bits = await derivedBits(secret.trim(), "fal-wasm sealed key 1");
  return crypto.subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt", "decrypt"]);
}

const algorithm = (iv: Uint8Array<ArrayBuffer>, boundTo: string) => ({
  name: "AES-GCM",
  iv,
  additionalData: encoder.encode(boundTo),
});

/**
 * Seals a visitor's own fal key into a cookie that no page can read and no other visitor can use. Gives the value of a
 * `Set-Cookie` header, for the app's own route that takes the key; `openKey` reads it in `credentials` of `createFalProxy`.
 *
 * Throws when the key has not the form of one (`credentials_malformed`), and outside of a server.
 *
 * @example
 * const cookie = await sealKey(form.get("key"), { principal: user, secret: env.FAL_PROXY_SECRET });
 * return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
 */
export async function sealKey(key: string, options: SealKeyOptions): Promise<string> {
  callCore(() => {
    if (!isServer({})) throw new OperationError(FailureKind.CredentialsInBrowser);
    checkOptions(sealShape, options);
  });
  const { principal, maxAgeSeconds = MONTH_SECONDS, sameSite = "Strict" } = options;
  const credential = await findCredential({ credentials: String(key ?? ""), env: {} }).catch(
    (error: OperationError) => {
      throw failure(error.kind, error);
    },
  );
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const expires = now() + maxAgeSeconds;
  const secret = secretsOf(options)[0] as string;
  const how = algorithm(
    iv,
    callCore(() => sealBoundTo(principal.id, expires)),
  );
  const text = encoder.encode(withoutScheme(credential));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(how, await sealingKey(secret), text));
  const value = callCore(() => sealedText(toBase64url(new Uint8Array([...iv, ...sealed])), expires));
  return `${COOKIE}=${value}; ${attributes(maxAgeSeconds, sameSite)}`;
}

/**
 * The key that `sealKey` has put into a visitor's cookie; undefined when there is none, or it is another visitor's, expired, or
 * sealed with another secret.
 *
 * @example
 * credentials: (request, principal, env) => openKey(request, { principal, secret: env.FAL_PROXY_SECRET }),
 */
export async function openKey(
  request: { headers: Pick<Headers, "get"> },
  options: OpenKeyOptions,
): Promise<string | undefined> {
  callCore(() => checkOptions(openShape, options));
  const { principal } = options;
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const [name, value = ""] = pair.trim().split("=");
    if (name !== COOKIE) continue;
    const [boundTo, content] = callCore(() => readSealed(value, principal.id, now())) ?? [];
    if (boundTo === undefined || content === undefined || content.length % 4 === 1) continue;
    const bytes = fromBase64url(content);
    const how = algorithm(bytes.slice(0, NONCE_BYTES), boundTo);
    for (const secret of secretsOf(options)) {
      const key = await sealingKey(secret);
      const opened = await crypto.subtle.decrypt(how, key, bytes.slice(NONCE_BYTES)).catch(() => undefined);
      if (opened) return new TextDecoder().decode(opened);
    }
  }
  return undefined;
}

/** The value of a `Set-Cookie` header that takes a visitor's key away again. */
export const forgetKey = (): string => `${COOKIE}=; ${attributes(0, "Strict")}`;
