/**
 * Finding a credential at the time of a call: in the option, in the bindings, in a secret store. The order is the
 * core's (src/access/search.rs), and so is the judgement of what a key looks like; the text itself stays here.
 */

import { CREDENTIALS_MALFORMED, CREDENTIALS_MISSING } from "./codes.js";
import { Look, keyProblem, lookAfter } from "./core.js";
import { Problem } from "./errors.js";

/**
 * Where to look. Values of `env` are strings, or handles of a secret store with an async `get()`.
 *
 * @typedef {object} Credentials
 * @property {string | (() => string | undefined | Promise<string | undefined>)} [credentials]
 * @property {Record<string, any>} [env]
 * @property {string | (() => string | undefined | Promise<string | undefined>)} [loginToken]
 */

/** @type {Partial<Record<Look, string>>} */
const VARIABLES = { [Look.Key]: "FAL_KEY", [Look.KeyId]: "FAL_KEY_ID", [Look.KeySecret]: "FAL_KEY_SECRET" };

/** The environment of a server that has no bindings. Never written as one expression: bundlers replace that. */
const ambient = () => /** @type {any} */ (globalThis)["process"]?.["env"] ?? {};

/** What is in a place. @param {Credentials} from @param {Look} place @returns {Promise<string>} */
async function lookInto({ credentials, env = ambient(), loginToken }, place) {
  const variable = VARIABLES[place];
  const option = place === Look.Explicit ? credentials : loginToken;
  const value = variable ? env[variable] : option;
  const found =
    typeof value === "function" ? await value() : typeof value?.get === "function" ? await value.get() : value;
  return typeof found === "string" ? found.trim() : "";
}

/** Throws when a text is not a key, or not one half of one. @param {string} text @param {boolean} half */
function checkKey(text, half) {
  const reason = keyProblem(text, half);
  if (reason) throw new Problem(CREDENTIALS_MALFORMED, undefined, "", reason);
}

/**
 * The value of the header that says who asks.
 *
 * @param {Credentials} from
 * @returns {Promise<string>}
 */
export async function findCredential(from) {
  let place = lookAfter(Look.Missing, false);
  let first = "";
  let found = "";
  while (place >= Look.Explicit && place <= Look.Login) {
    first = found;
    found = await lookInto(from, place).catch((cause) => {
      throw new Problem(CREDENTIALS_MISSING, cause);
    });
    place = lookAfter(place, found !== "");
  }
  if (place === Look.Missing) throw new Problem(CREDENTIALS_MISSING);
  if (place === Look.UseBearer) return `Bearer ${found}`;
  if (place === Look.UsePair) checkKey(first, true);
  checkKey(found, place === Look.UsePair);
  return place === Look.UsePair ? `Key ${first}:${found}` : `Key ${found}`;
}
