/**
 * Proof that a call comes from the app's own page and a person, asked for before anything that costs money. What proves it is
 * the app's affair (Turnstile, App Check); that a proof is good for one call is counted in the store of `limits`.
 */

import { reserveAt, storeIn } from "../limits/ask-store.ts";
import { digestOf } from "../limits/once.ts";
import type { LimitStore } from "../limits/types.ts";
import { askApp } from "./ask-app.ts";
import type { ProxyCall } from "./call.ts";
import { ATTESTATION, AUTHENTICATION_UNAVAILABLE, LIMITS_UNAVAILABLE, MISCONFIGURED, Refusal } from "./refusals.ts";
import type { Attestation } from "./types.ts";

const DAY_SECONDS = 24 * 3600;
/** Accounts of the store that proofs are spread over, by the first characters of their digests: none becomes too full. */
const SHARD_LENGTH = 3;

const EXPECTED =
  "It must return true, or an object whose `once` is a text that is not empty, for a call that may go on, and false for another.";

const isAttestation = (value: unknown): value is Attestation => {
  const { once, rememberSeconds = 1 } = Object(value);
  return typeof once === "string" && once !== "" && Number.isFinite(rememberSeconds) && rememberSeconds > 0;
};

/** Refuses what the app does not attest, and a proof that was used before. */
export async function checkAttestation(call: ProxyCall): Promise<void> {
  const { attest } = call.proxy.options;
  if (!attest) return;
  const answer: unknown = await askApp(call, "attest", AUTHENTICATION_UNAVAILABLE, () =>
    attest(call.request, call.principal, call.env),
  );
  if (answer === true) return;
  if (isAttestation(answer)) return useOnce(call, answer);
  if (answer) call.report(new TypeError(`\`attest\` returned something else. ${EXPECTED}`), "attest");
  throw new Refusal(ATTESTATION);
}

function storeOf(call: ProxyCall): LimitStore {
  try {
    const { limits } = call.proxy.options;
    if (limits) return storeIn({ store: limits.store }, call.env);
    throw new TypeError("`attest` returned `once`: what was used before is kept in `limits.store`, and there is none.");
  } catch (error) {
    call.report(error, "attest");
    throw new Refusal(MISCONFIGURED);
  }
}

/**
 * Takes a proof. The same call may come again with it, which its idempotency key says: it does not run twice, either. Without
 * the store nobody knows whether the proof was used, and nothing runs.
 */
async function useOnce(call: ProxyCall, { once, rememberSeconds = DAY_SECONDS }: Attestation): Promise<void> {
  const store = storeOf(call);
  const { headers } = call.request;
  const again = headers.get("idempotency-key");
  const key = await digestOf(`attest\n${once}`);
  const digest = await digestOf(
    `${call.principal.id}\n${again ?? crypto.randomUUID()}\n${headers.get("x-fal-target-url")}`,
  );
  const wish = {
    ticket: crypto.randomUUID(),
    leaseMs: 1,
    once: { key, digest, keepMs: Math.ceil(rememberSeconds * 1000) },
  };
  // Somebody of that name would share nothing: what is counted under it has a line feed in it, which no idempotency key has.
  const account = `\u0000once ${key.slice(0, SHARD_LENGTH)}`;
  const verdict = await reserveAt(call, store, account, wish);
  if (verdict?.kind === "ok" || (verdict?.kind === "pending" && again !== null)) return;
  const isUsed = verdict?.kind === "pending" || verdict?.kind === "reused";
  throw new Refusal(isUsed ? ATTESTATION : LIMITS_UNAVAILABLE);
}
