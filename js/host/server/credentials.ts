/**
 * Finding a credential at the time of a call: in the option, in the bindings, in a secret store. The order is the
 * core's (src/access/search.rs), and so is the judgement of what a key looks like; the text itself stays here.
 */

import { FailureKind } from "../../core/wire.ts";
import { CredentialStep, beginKeyCheck, checkKeyUnit, credentialStep, keyProblem } from "#core";
import { OperationError } from "../../errors/errors.ts";

/**
 * Where to look. Values of `env` are strings, or handles of a secret store with an async `get()`.
 *
 * @typedef {object} Credentials
 * @property {Value | Value[]} [credentials] Two, while one is replaced by the other.
 * @property {Record<string, any>} [env]
 * @property {Value} [loginToken]
 */

/** @typedef {string | (() => string | undefined | Promise<string | undefined>)} Value */

/** @type {Partial<Record<CredentialStep, string>>} */
const VARIABLES = { [CredentialStep.Key]: "FAL_KEY", [CredentialStep.KeyId]: "FAL_KEY_ID", [CredentialStep.KeySecret]: "FAL_KEY_SECRET" };

/** The environment of a server that has no bindings. Never written as one expression: bundlers replace that. */
const ambient = () => /** @type {any} */ globalThis["process"]?.["env"] ?? {};

/** Of bindings that have none of these, nothing is known that could be a secret of ours. */
const SECRETS = ["FAL_KEY", "FAL_KEY_ID", "FAL_PROXY_SECRET"];

/**
 * Where secrets are: among what a platform calls its handlers with, if that has one; else in the environment. Next.js, Bun
 * and Deno call them with something that is not bindings.
 *
 * @param {any} given
 * @returns {Record<string, any>}
 */
export const secretsAmong = (given) => (SECRETS.some((name) => given?.[name] !== undefined) ? given : ambient());

/** What a value holds: a text, a function that gives one, or a handle of a secret store. @param {any} value */
export async function secretIn(value) {
  const found =
    typeof value === "function" ? await value() : typeof value?.get === "function" ? await value.get() : value;
  return typeof found === "string" ? found.trim() : "";
}

/** What is in a place. @param {Credentials} from @param {CredentialStep} step @returns {Promise<string>} */
async function lookInto({ credentials, env = ambient(), loginToken }, step) {
  const variable = VARIABLES[step];
  const explicit = Array.isArray(credentials) ? credentials[0] : credentials;
  return secretIn(variable ? env[variable] : step === CredentialStep.Explicit ? explicit : loginToken);
}

/** Throws when a text is not a key, or not one half of one. @param {string} text @param {boolean} half */
function checkKey(text, half) {
  beginKeyCheck(half);
  for (let index = 0; index < text.length; index += 1) checkKeyUnit(text.charCodeAt(index));
  const reason = keyProblem();
  if (reason) throw new OperationError(FailureKind.CredentialsMalformed, undefined, "", reason);
}

/**
 * The value of the header that says who asks.
 *
 * @param {Credentials} from
 * @returns {Promise<string>}
 */
export async function findCredential(from) {
  let step = credentialStep(CredentialStep.Missing, false);
  let first = "";
  let found = "";
  while (step >= CredentialStep.Explicit && step <= CredentialStep.Login) {
    first = found;
    found = await lookInto(from, step).catch((cause) => {
      throw new OperationError(FailureKind.CredentialsMissing, cause);
    });
    step = credentialStep(step, found !== "");
  }
  if (step === CredentialStep.Missing) throw new OperationError(FailureKind.CredentialsMissing);
  if (step === CredentialStep.UseBearer) return `Bearer ${found}`;
  if (step === CredentialStep.UsePair) checkKey(first, true);
  checkKey(found, step === CredentialStep.UsePair);
  return step === CredentialStep.UsePair ? `Key ${first}:${found}` : `Key ${found}`;
}

/**
 * The key to try once when the first one is refused: the second of `credentials`, or that in `FAL_KEY_NEXT`. Undefined when
 * there is none.
 *
 * @param {Credentials} from
 * @returns {Promise<string | undefined>}
 */
export async function spareCredential({ credentials, env = ambient() }) {
  const next = Array.isArray(credentials) ? credentials[1] : credentials === undefined ? env.FAL_KEY_NEXT : undefined;
  const found = await secretIn(next);
  if (found === "") return undefined;
  checkKey(found, false);
  return `Key ${found}`;
}
