/** Sends a call of the Platform APIs: always directly to fal, with the key, never through a proxy. */

import { FailureKind, Who } from "../core/wire.ts";
import { findCredential } from "../host/server/credentials.ts";
import { OperationError } from "../errors/errors.ts";
import { USER_AGENT, attachKey, insist, type send } from "../host/server/host.ts";
import { localised } from "../host/server/local-hosts.ts";
import { declare, json } from "../driver/request.ts";
import { uncached } from "../io/uncached.ts";
import type { KnownOperation } from "./call.ts";

/** What the caller gave. It stays the same from try to try, so that fal recognises the call. */
export interface Given {
  query: Record<string, unknown>;
  body: unknown;
  key: string | undefined;
}

type Send = typeof send;

/** Adds values as a query: a list repeats its name for each value. */
function withQuery(url: string, values: Record<string, unknown>): string {
  const pairs = Object.entries(values)
    .flatMap(([name, value]) => [value].flat().map((each): [string, unknown] => [name, each]))
    .filter(([, value]) => value != null)
    .map(([name, value]) => [name, String(value)]);
  const query = String(new URLSearchParams(pairs));
  return query ? `${url}?${query}` : url;
}

/** The body in the media type that the operation takes. */
function bodyOf(
  { takes }: KnownOperation,
  body: unknown,
): { body?: string | FormData | undefined; contentType?: string } {
  if (takes !== "multipart/form-data") return body === undefined ? {} : { body: json(body), contentType: takes };
  // Only `fetch` knows the boundary that the content type names, so none is set here.
  if (isFormData(body)) return { body };
  const form = new FormData();
  for (const [name, value] of Object.entries(body ?? {})) form.append(name, value);
  return { body: form };
}

/** By its brand: a form of another realm, or of a library, is not an instance of this one's class. */
const isFormData = (value: unknown): value is FormData => Object.prototype.toString.call(value) === "[object FormData]";

/** The credential, where the operation needs one. */
async function credentialFor(who: Who, from: Parameters<typeof findCredential>[0]): Promise<string | undefined> {
  if (who === Who.Anybody) return undefined;
  return findCredential(from).catch((error: unknown) => {
    // Half a key, or a store that fails, is a mistake and not the wish to go without.
    const isMissing =
      error instanceof OperationError &&
      error.kind === FailureKind.CredentialsMissing &&
      error.cause === undefined &&
      error.option === undefined;
    if (who === Who.KeyOptional && isMissing) return undefined;
    throw error;
  });
}

/** Makes the function that sends each try of a call. */
export const sending =
  (known: KnownOperation, { query, body: value, key }: Given): Send =>
  async ({ transport, own }, asked, signal) => {
    const { url, method } = asked;
    const headers = { ...own };
    const { body, contentType } = bodyOf(known, value);
    declare(headers, known.gives || "application/json", contentType);
    if (key) headers["idempotency-key"] = key;
    headers["user-agent"] = USER_AGENT;
    const target = withQuery(url, query);
    const credential = await credentialFor(known.who, transport.credentials);
    if (credential) attachKey(asked, target, headers, credential);
    const go = (): Promise<Response> => {
      const init: RequestInit = {
        method,
        headers: { ...headers },
        body,
        signal,
        redirect: "manual",
        ...uncached(),
      };
      return (transport.fetch ?? fetch)(localised(target, transport.credentials.env), init);
    };
    return insist(transport, asked, { target, headers, keyed: credential !== undefined, signal }, go);
  };
