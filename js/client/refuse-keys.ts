/** Refusing a request that hands over a key where everybody could read it. */

import { isKey } from "../core/texts.ts";
import { FailureKind, KEY } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";

/**
 * Throws when a text of a request (its address, a header, its JSON) holds a fal key, also one that is percent-encoded more than
 * once. Whatever way a key took into a request, it is seen here: it is the last look before the request is sent.
 */
export function refuseKeys(...texts: unknown[]): void {
  if (texts.some((text) => typeof text === "string" && isKey(text.replace(/%(25)+/g, "%"))))
    throw new OperationError(FailureKind.CredentialsInBrowser);
}

/** Throws when a message of a realtime session holds a fal key. */
export function refuseKeyIn(data: string | ArrayBuffer | ArrayBufferView): void {
  if (KEY.test(typeof data === "string" ? data : new TextDecoder("latin1").decode(data)))
    throw new OperationError(FailureKind.CredentialsInBrowser);
}
