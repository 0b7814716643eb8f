/**
 * Replacing a key: make a new one, hand it over, see that it works, and only then take the old ones away.
 *
 * Nothing is remembered between two runs, and nothing has to be: whatever carries the alias, beside the key that was just
 * seen to work, is old. A run that was cut off leaves at most a key that nobody knows; the next one takes it away too.
 * Until then the key that is deployed stays as it is, so there is a working one at every moment.
 */

import { callCore } from "../core/call-core.ts";
import { ApiError, FalError } from "../errors/errors.ts";
import { callback, invalidOption } from "../client/options.ts";

/** A call that costs nothing. A key that may not make it is a good key all the same: fal says who it is first. */
const FREE = "/models/requests/by-endpoint";
const FREE_QUERY = { endpoint_id: "fal-ai/flux/dev", limit: 1 };

/** Whether fal knows a key. @param {any} client */
async function isKnown(client) {
  try {
    await client.GET(FREE, { params: { query: FREE_QUERY } });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return true;
    throw error;
  }
}

/** @param {any} options */
function check(options) {
  if (typeof options?.alias !== "string" || options.alias === "") invalidOption("alias");
  for (const name of ["deploy", "verify"]) callback(options, name);
  if (typeof options.deploy !== "function") invalidOption("deploy");
  const { revokeOld = true } = options;
  if (typeof revokeOld !== "boolean" && typeof revokeOld !== "function") invalidOption("revokeOld");
}

/**
 * An error that says how far it came, and can go on from there. The new secret is in neither.
 *
 * @param {string} alias @param {string} step @param {any} cause @param {() => Promise<any>} resume
 */
function stopped(alias, step, cause, resume) {
  const message =
    `Rotating the key "${alias}" stopped at "${step}": ${cause?.message ?? cause} No key that was there before was ` +
    (step === "revoke" ? "needed any more; some of them may still work. " : "revoked, and the old one still works. ") +
    "`resume()` of this error goes on from there; so does rotating again, with a new key.";
  const error = new FalError("rotation_stopped", message, { cause }, true);
  return Object.defineProperties(error, { step: { value: step }, resume: { value: resume } });
}

/**
 * @param {{ list: any, create: any, revoke: any }} keys
 * @param {(credentials: string) => any} withKey
 */
export function createRotation(keys, withKey) {
  /** @param {any} options */
  return async (options) => {
    callCore(() => check(options));
    const { alias, deploy, verify, revokeOld = true, signal, abortSignal = signal } = options;
    const call = { abortSignal };
    /** @type {any[]} */
    let old = [];
    /** @type {any} */
    let made;
    /** @type {string[]} */
    const revoked = [];
    const known = () => ({ alias, keyId: made.key_id });

    /** @type {[string, () => Promise<void>][]} */
    const steps = [
      [
        "create",
        async () => {
          old = [];
          // Looked up again when it is not known whether a key was made: one that nobody knows is an old one.
          for await (const key of keys.list({}, call)) if (key.alias === alias) old.push(key);
          made = await keys.create(alias, call);
        },
      ],
      ["deploy", async () => deploy({ ...known(), key: made.key })],
      [
        "verify",
        async () => {
          await isKnown(withKey(made.key));
          if ((await verify?.(known())) === false) throw new Error("`verify` said no.");
        },
      ],
      [
        "revoke",
        async () => {
          made.key = made.key_secret = "";
          for (const key of old.filter(({ key_id: id }) => !revoked.includes(id))) {
            const goes = typeof revokeOld === "function" ? await revokeOld(key) : revokeOld;
            if (goes !== true) continue;
            await keys.revoke(key.key_id, call);
            revoked.push(key.key_id);
          }
        },
      ],
    ];

    /** @param {number} from @returns {Promise<any>} */
    const goOn = async (from) => {
      for (const [place, [name, step]] of [...steps.entries()].slice(from)) {
        await step().catch((cause) => {
          throw stopped(alias, name, cause, () => goOn(place));
        });
      }
      const kept = old.map(({ key_id: id }) => id).filter((id) => !revoked.includes(id));
      return { ...known(), revoked, kept };
    };
    return goOn(0);
  };
}
