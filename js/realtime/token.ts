/** Short-lived tokens: they open a realtime connection where there is no key. */

import type { ApiError } from "../errors/errors.ts";
import { FailureKind, OperationKind } from "../core/wire.ts";
import { endpointOf, isKey } from "../core/texts.ts";
import { prepare } from "../driver/operation.ts";
import { callCore } from "../core/call-core.ts";
import { type HostTransport, failure } from "#host/host.ts";

/** Seconds a token is asked to last, as a rule; it only has to last until the connection is open. */
const TOKEN_SECONDS = 120;

/** The bare name of an endpoint's app. */
export const aliasOf = (endpoint: string): string => endpointOf(endpoint).app.replace(/.*\//, "");

/** Answers that say that there is no such contract here, or that a proxy does not know it. */
export const OTHER_CONTRACT = [404, 405, 410, 412];

/** What the contracts, and proxies in front of them, call the token. */
export function tokenIn(answer: unknown): string | undefined {
  const { token, detail } = (answer ?? {}) as { token?: unknown; detail?: unknown };
  return [answer, token, detail].find((text) => typeof text === "string" && text !== "") as string | undefined;
}

/** A token that is a key would be in the address of the connection, and in every log on its way. */
export function checked(token: string): string {
  if (isKey(token)) throw failure(FailureKind.CredentialsInBrowser, {});
  return token;
}

/** What a token is for, and where it comes from. */
export interface WantedToken {
  tokenProvider?: ((endpoint: string) => string | Promise<string>) | undefined;
  endpoint: string;
  /** How long it is asked to last. */
  seconds?: number | undefined;
}

/** The token of a caller's own provider, or one that fal is asked for. */
export async function tokenFor(
  transport: HostTransport,
  { tokenProvider, endpoint, seconds = TOKEN_SECONDS }: WantedToken,
  signal: AbortSignal,
): Promise<string> {
  if (!tokenProvider) return issueToken(transport, endpoint, seconds, signal);
  const token = await tokenProvider(endpoint);
  if (typeof token !== "string" || token === "") throw new TypeError("`tokenProvider` has to give a token.");
  return checked(token);
}

/**
 * Asks for a token for an endpoint. The newer contract names the endpoint in full, so that a proxy can hold it against
 * its list; where only the older one is known, that one is asked.
 *
 * One try each: whoever connects tries again, each time with a fresh token.
 */
export async function issueToken(
  transport: HostTransport,
  endpoint: string,
  seconds: number,
  signal: AbortSignal,
): Promise<string> {
  const ask = async (newer: boolean, input: object): Promise<string> => {
    const start = callCore(() =>
      prepare({ operation: OperationKind.IssueToken, newer, maxRetries: 0, transport, retryBudget: { spent: 0 } }),
    );
    const { data } = await start<{ data: unknown }>({ input }, signal);
    const token = tokenIn(data);
    if (token === undefined) throw failure(FailureKind.AnswerInvalid, { endpoint });
    return checked(token);
  };
  try {
    return await ask(true, { allowed_apps: [endpoint], duration: seconds });
  } catch (error) {
    if (!OTHER_CONTRACT.includes((error as Partial<ApiError>).status ?? 0)) throw error;
  }
  return ask(false, { allowed_apps: [aliasOf(endpoint)], token_expiration: seconds });
}
