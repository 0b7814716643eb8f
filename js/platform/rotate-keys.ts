/**
 * Replaces a key: creates a new one, deploys it, checks that it works, and only then revokes the old ones.
 *
 * No state is kept between two runs, and none is needed: every key with the alias, except the one just checked, is old. A
 * run that was interrupted leaves at most one key that nobody uses; the next run revokes it. Until then the deployed key
 * stays as it is, so there is a working key at every moment.
 */

import { callCore } from "../core/call-core.ts";
import { ApiError, FalError } from "../errors/errors.ts";
import { callback, invalidOption } from "../client/checks.ts";
import type { ListedKey, PlatformClient, RotateOptions, Rotation, RotationStep } from "./types.ts";

/** `signal` is accepted here as in every other call of the Platform APIs. */
type Options = RotateOptions & { signal?: AbortSignal };

type Keys = Pick<PlatformClient["keys"], "list" | "create" | "revoke">;

/** What a rotation needs of a new key. */
interface NewKey {
  key: string;
  key_id: string;
  key_secret: string;
}

/** A call that costs nothing. fal authenticates first, so a 403 still proves that it accepts the key. */
const FREE = "/models/requests/by-endpoint";
const FREE_QUERY = { endpoint_id: "fal-ai/flux/dev", limit: 1 };

/** Resolves when fal accepts the key of a client. */
async function checkAccepted(client: PlatformClient): Promise<void> {
  try {
    await client.GET(FREE, { params: { query: FREE_QUERY } });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 403)) throw error;
  }
}

function checkOptions(options: Options): void {
  if (typeof options?.alias !== "string" || options.alias === "") invalidOption("alias");
  for (const name of ["deploy", "verify"] as const) callback(options, name);
  if (typeof options.deploy !== "function") invalidOption("deploy");
  const { revokeOld = true } = options;
  if (typeof revokeOld !== "boolean" && typeof revokeOld !== "function") invalidOption("revokeOld");
}

/** An error that says how far the rotation got, and can continue it. It does not contain the new secret. */
function stopped(alias: string, step: RotationStep, cause: unknown, resume: () => Promise<Rotation>): FalError {
  const message =
    `Rotating the key "${alias}" stopped at "${step}": ${(cause as Error | undefined)?.message ?? cause} No key that was there before was ` +
    (step === "revoke" ? "needed any more; some of them may still work. " : "revoked, and the old one still works. ") +
    "`resume()` of this error goes on from there; so does rotating again, with a new key.";
  const error = new FalError("rotation_stopped", message, { cause }, true);
  return Object.defineProperties(error, { step: { value: step }, resume: { value: resume } });
}

/** Makes `keys.rotate`. `withKey` makes the same client with another key. */
export function createRotation(keys: Keys, withKey: (credentials: string) => PlatformClient) {
  return async (options: RotateOptions): Promise<Rotation> => {
    callCore(() => checkOptions(options));
    const { alias, deploy, verify, revokeOld = true, signal, abortSignal = signal } = options as Options;
    const call = abortSignal ? { abortSignal } : {};
    let old: ListedKey[] = [];
    let made!: NewKey;
    const revoked: string[] = [];
    const known = () => ({ alias, keyId: made.key_id });

    const steps: [RotationStep, () => Promise<void>][] = [
      [
        "create",
        async () => {
          old = [];
          // On resuming the list is read again: a key that was created without us learning of it counts as old.
          for await (const key of keys.list({}, call)) if (key.alias === alias) old.push(key);
          made = await keys.create(alias, call);
        },
      ],
      ["deploy", async () => void (await deploy({ ...known(), key: made.key }))],
      [
        "verify",
        async () => {
          await checkAccepted(withKey(made.key));
          if ((await verify?.(known())) === false) throw new Error("`verify` said no.");
        },
      ],
      [
        "revoke",
        async () => {
          made.key = made.key_secret = "";
          for (const key of old.filter(({ key_id: id }) => !revoked.includes(id))) {
            const isRevoked = typeof revokeOld === "function" ? await revokeOld(key) : revokeOld;
            if (isRevoked !== true) continue;
            await keys.revoke(key.key_id, call);
            revoked.push(key.key_id);
          }
        },
      ],
    ];

    const continueFrom = async (first: number): Promise<Rotation> => {
      for (const [index, [name, step]] of [...steps.entries()].slice(first)) {
        await step().catch((cause) => {
          throw stopped(alias, name, cause, () => continueFrom(index));
        });
      }
      const kept = old.map(({ key_id: id }) => id).filter((id) => !revoked.includes(id));
      return { ...known(), revoked, kept };
    };
    return continueFrom(0);
  };
}
