/**
 * The key that a call is sent with: the app's, or that of the visitor. It is asked for once per call, at the time of the call,
 * and kept nowhere after it.
 */

import type { Credentials } from "../host/transport.ts";
import { callCore } from "../core/call-core.ts";
import { checkLocalHosts } from "../host/server/local-hosts.ts";
import { findCredential, secretIn, spareCredential } from "../host/server/credentials.ts";
import { askApp } from "./ask-app.ts";
import type { ProxyCall } from "./call.ts";
import { APP_FAILED, KEY_REFUSED, KEY_REQUIRED, MISCONFIGURED, Refusal, UPSTREAM_AUTH } from "./refusals.ts";
import type { ProxyOptions } from "./types.ts";

/** Whether each visitor has a key of their own: the app's function looks at who asks. */
export const hasOwnKeys = ({ credentials }: ProxyOptions): boolean =>
  typeof credentials === "function" && credentials.length > 0;

/**
 * Where the key of a call is looked for. What the app gives is all there is: when it gives nothing, no other key takes its
 * place, because somebody else would pay.
 */
const keysOf = (call: ProxyCall): Promise<Credentials> => (call.keys ??= readKeys(call));

async function readKeys(call: ProxyCall): Promise<Credentials> {
  const { options } = call.proxy;
  const { credentials } = options;
  if (credentials === undefined) return { env: call.secrets };
  if (typeof credentials !== "function") return { credentials, env: {} };
  const isOwn = hasOwnKeys(options);
  const found = await askApp(call, "credentials", isOwn ? APP_FAILED : MISCONFIGURED, async () => {
    const given: unknown = await credentials(call.request, call.principal, call.env);
    const key = await secretIn(given);
    if (key || given === undefined || given === null || typeof given === "string") return key;
    throw new TypeError("`credentials` must return a key as a text, or null for none.");
  });
  if (found) return { credentials: found, env: {} };
  if (isOwn) throw new Refusal(KEY_REQUIRED);
  call.report(new TypeError("`credentials` returned no key, and no other one takes its place."), "credentials");
  throw new Refusal(MISCONFIGURED);
}

/** The credential of a call; a refusal when there is none that could be one. */
export async function credentialOf(call: ProxyCall): Promise<string> {
  try {
    callCore(() => checkLocalHosts(call.secrets));
  } catch (error) {
    call.report(error, "credentials");
    throw new Refusal(MISCONFIGURED);
  }
  const from = await keysOf(call);
  return findCredential(from).catch((error: unknown) => {
    // What a visitor has typed is not the operator's affair.
    if (hasOwnKeys(call.proxy.options)) throw new Refusal(KEY_REFUSED);
    call.report(error, "credentials");
    throw new Refusal(MISCONFIGURED);
  });
}

/** The other credential, while one replaces the other; undefined when there is none. */
export async function spareCredentialOf(call: ProxyCall): Promise<string | undefined> {
  const spare = await spareCredential(await keysOf(call)).catch((error: unknown) => call.report(error, "credentials"));
  return spare ?? undefined;
}

/**
 * The refusal of a call with whose answer there is a problem. A key that fal refuses is told to who can mend it: the operator,
 * or the visitor whose own key it is.
 */
export function refusalOfAnswer(call: ProxyCall, problem: number, status: number): Refusal {
  if (problem !== UPSTREAM_AUTH) {
    call.report(new Error(`fal answered with a redirect (${status}), which is not followed.`), "fetch");
    return new Refusal(problem);
  }
  if (hasOwnKeys(call.proxy.options)) return new Refusal(KEY_REFUSED);
  call.report(new Error(`fal refused the key of this proxy with ${status}. Set another one.`), "credentials");
  return new Refusal(problem);
}
