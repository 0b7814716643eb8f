/**
 * Finding a credential at the time of a call: in the option, in the bindings, in a secret store. The core
 * decides the order (src/credentials/search.rs) and what a key looks like; the text itself stays here.
 */

import type { Credentials } from "../transport.ts";
import { FailureKind, WHOLE_KEY } from "../../core/wire.ts";
import { CredentialStep, beginKeyCheck, checkKeyUnit, credentialStep, keyProblem } from "#core";
import { OperationError } from "../../errors/errors.ts";

/** The variable that each step looks into. */
const VARIABLES: Partial<Record<CredentialStep, string>> = {
  [CredentialStep.Key]: "FAL_KEY",
  [CredentialStep.KeyId]: "FAL_KEY_ID",
  [CredentialStep.KeySecret]: "FAL_KEY_SECRET",
};

/** Longer ones are looked at more closely (src/credentials/key.rs). */
const MAX_KEY_LENGTH = 512;

/** The environment of a server that has no bindings. Never written as one expression: bundlers replace that. */
export const ambient = (): Record<string, unknown> =>
  (globalThis as { process?: { env?: Record<string, unknown> } })["process"]?.["env"] ?? {};

/** The names of secrets that this package reads. */
const SECRETS = ["FAL_KEY", "FAL_KEY_ID", "FAL_PROXY_SECRET"];

/**
 * Where secrets are: among what a platform calls its handlers with, if that has one; else in the environment. Next.js, Bun
 * and Deno call them with something that is not bindings.
 */
export function secretsAmong(given: unknown): Record<string, unknown> {
  const bindings = given as Record<string, unknown> | null | undefined;
  return bindings && SECRETS.some((name) => bindings[name] !== undefined) ? bindings : ambient();
}

/** Whether a value is a handle of a secret store. */
const isHandle = (value: unknown): value is { get(): unknown } =>
  typeof (value as { get?: unknown } | null | undefined)?.get === "function";

const textIn = (found: unknown): string => (typeof found === "string" ? found.trim() : "");

/** The text of a secret: the value itself, at once, or what a function or a handle of a secret store gives. */
export const secretIn = (value: unknown): string | Promise<string> =>
  typeof value === "function" || isHandle(value) ? given(value) : textIn(value);

const given = async (secret: Function | { get(): unknown }): Promise<string> =>
  textIn(await (typeof secret === "function" ? secret() : secret.get()));

/** What a step finds; empty when there is nothing. */
function lookInto(
  { credentials, env = ambient(), loginToken }: Credentials,
  step: CredentialStep,
): string | Promise<string> {
  const variable = VARIABLES[step];
  const explicit = Array.isArray(credentials) ? credentials[0] : credentials;
  return secretIn(variable ? env[variable] : step === CredentialStep.Explicit ? explicit : loginToken);
}

/** Throws when a text is not a key, or with `half` not one half of a key. What is wrong is found a character at a time. */
function checkKey(text: string, half: boolean): void {
  if (!half && text.length <= MAX_KEY_LENGTH && WHOLE_KEY.test(text)) return;
  beginKeyCheck(half);
  for (let index = 0; index < text.length; index += 1) checkKeyUnit(text.charCodeAt(index));
  const reason = keyProblem();
  if (reason) throw new OperationError(FailureKind.CredentialsMalformed, { reason });
}

/** The half of a key that is missing beside the other one; undefined when there is neither. */
async function missingHalf({ env = ambient() }: Credentials): Promise<string | undefined> {
  const [id, secret] = await Promise.all([secretIn(env.FAL_KEY_ID), secretIn(env.FAL_KEY_SECRET)]).catch(() => []);
  if (id) return "FAL_KEY_SECRET";
  return secret ? "FAL_KEY_ID" : undefined;
}

/** The value of the header that says who asks. */
export async function findCredential(from: Credentials): Promise<string> {
  let step = credentialStep(CredentialStep.Missing, false);
  let first = "";
  let found = "";
  while (step >= CredentialStep.Explicit && step <= CredentialStep.Login) {
    first = found;
    try {
      const text = lookInto(from, step);
      found = typeof text === "string" ? text : await text;
    } catch (cause) {
      throw new OperationError(FailureKind.CredentialsMissing, { cause });
    }
    step = credentialStep(step, found !== "");
  }
  if (step === CredentialStep.Missing)
    throw new OperationError(FailureKind.CredentialsMissing, { option: await missingHalf(from) });
  if (step === CredentialStep.UseBearer) return `Bearer ${found}`;
  if (step === CredentialStep.UsePair) checkKey(first, true);
  checkKey(found, step === CredentialStep.UsePair);
  return step === CredentialStep.UsePair ? `Key ${first}:${found}` : `Key ${found}`;
}

/**
 * The key to try once when the first one is refused: the second of `credentials`, or that in `FAL_KEY_NEXT`. Undefined when
 * there is none.
 */
export async function spareCredential({ credentials, env = ambient() }: Credentials): Promise<string | undefined> {
  const next = Array.isArray(credentials) ? credentials[1] : credentials === undefined ? env.FAL_KEY_NEXT : undefined;
  const found = await secretIn(next);
  if (found === "") return undefined;
  checkKey(found, false);
  return `Key ${found}`;
}

/** A credential without its scheme: what a fingerprint is made of, and what is kept of it. */
export const withoutScheme = (credential: string): string => credential.replace(/^\w+ +/, "").trim();
