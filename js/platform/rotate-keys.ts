/**
 * Replaces a key. The core decides (src/platform/rotation.rs); here fal and the app are asked.
 *
 * No state is kept between two rotations, and none is needed: every key with the alias, except the one just checked, is old.
 */

import { rotation } from "#core";
import { nearestName } from "../client/nearest-name.ts";
import { anything, checkOptions, either, func, needed, object, shape, yesOrNo } from "../client/shape.ts";
import { callCore } from "../core/call-core.ts";
import { RotationEffect, RotationEvent, RotationStep } from "../core/wire.ts";
import { ApiError, FalError } from "../errors/errors.ts";
import { drive } from "../io/drive.ts";
import type { ListedKey, PlatformClient, RotateOptions, RotationStep as Step, Rotation } from "./types.ts";

/** `signal` is accepted here as in every other call of the Platform APIs. */
type Options = RotateOptions & { signal?: AbortSignal };

type Keys = Pick<PlatformClient["keys"], "list" | "create" | "revoke">;

const rotateShape = object<Options>({
  alias: needed(shape("the alias of a key", (value) => typeof value === "string" && value !== "")),
  deploy: needed(func),
  verify: func,
  revokeOld: either(yesOrNo, func),
  create: yesOrNo,
  abortSignal: anything,
  signal: anything,
});

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

const STEPS = {
  [RotationStep.Look]: "look",
  [RotationStep.Create]: "create",
  [RotationStep.Deploy]: "deploy",
  [RotationStep.Verify]: "verify",
  [RotationStep.Revoke]: "revoke",
} as const satisfies Record<RotationStep, Step>;

const CONTESTED =
  "There is another new key with this alias: somebody else is rotating it, too, or fal has made this one twice. When " +
  "nobody else is, rotate again.";

/** What came of something, and a number beside it. */
type Happened = [event: RotationEvent, beside?: number];

/** What is known of a rotation. */
interface Known {
  alias: string;
  /** The new key; its secret is dropped when nothing needs it any more. */
  made?: { id: string; key: string };
  /** The keys that were there before, and which of them are revoked. */
  old: ListedKey[];
  revoked: string[];
}

/** Where the new key is, and what becomes of it. */
function whatIsLeft(step: Step, { alias, made }: Known): string {
  if (step === "look") return "Nothing was made or revoked. ";
  if (step === "create")
    return "No key was revoked, and the old one still works. A new one may have been made: rotating again revokes it. ";
  const fate = `keys.revoke("${made?.id}")`;
  if (step === "deploy")
    return (
      `No key was revoked, and the old one still works. The new key ${made?.id} exists, and part of the deployment may use it: ` +
      `\`resume()\` of this error deploys it again; ${fate} takes it back; rotating "${alias}" again replaces it. `
    );
  if (step === "verify")
    return (
      `No key was revoked, and the old one still works. The new key ${made?.id} is deployed: \`resume()\` of this error checks it ` +
      `again; if you deploy the old one instead, ${fate} takes the new one back. `
    );
  return `The new key ${made?.id} is in use; old ones may still work: \`resume()\` of this error revokes them. `;
}

/** An error that says how far the rotation got, and can continue it. It does not contain the new secret. */
function stopped(step: Step, known: Known, cause: unknown, resume: () => Promise<Rotation>): FalError {
  const why = (cause as Error | undefined)?.message ?? String(cause);
  const message = `Rotating the key "${known.alias}" stopped at "${step}": ${why} ${whatIsLeft(step, known)}`.trimEnd();
  const error = new FalError("rotation_stopped", message, { cause }, true);
  return Object.defineProperties(error, {
    step: { value: step },
    keyId: { value: known.made?.id },
    resume: { value: resume },
  });
}

/** An error that says that there is nothing to rotate. */
function missing(alias: string, aliases: readonly string[]): FalError {
  const nearest = nearestName(alias, aliases);
  const there =
    aliases.length > 0 ? `There are ${aliases.map((one) => `"${one}"`).join(", ")}.` : "There is no key at all.";
  const message =
    `No key has the alias "${alias}"${nearest === undefined ? "." : `; did you mean "${nearest}"?`} ${there} ` +
    "Nothing was made. `create: true` makes the first key of an alias.";
  return new FalError("key_not_found", message);
}

/** Makes `keys.rotate`. `withKey` makes the same client with another key. */
export function createRotation(keys: Keys, withKey: (credentials: string) => PlatformClient) {
  return async (options: RotateOptions): Promise<Rotation> => {
    callCore(() => checkOptions(rotateShape, options));
    const {
      alias,
      deploy,
      verify,
      revokeOld = true,
      create = false,
      signal,
      abortSignal = signal,
    } = options as Options;
    const call = abortSignal ? { abortSignal } : {};
    const known: Known = { alias, old: [], revoked: [] };
    let state = new Float64Array();
    let aliases = new Set<string>();

    /** Tells what happened; what is to be done, and with which key. */
    const next = ([event, beside = 0]: Happened): [RotationEffect, number] => {
      const [effect = RotationEffect.Nothing, number = 0, ...rest] = callCore(() => rotation(state, event, beside));
      state = Float64Array.from(rest);
      return [effect, number];
    };
    const list = async (): Promise<ListedKey[]> => {
      const found = [];
      aliases = new Set();
      for await (const key of keys.list({}, call)) {
        aliases.add(key.alias);
        if (key.alias === alias) found.push(key);
      }
      return found;
    };
    const about = () => ({ alias, keyId: known.made?.id ?? "" });

    /** Performs an effect; undefined when it is the end. */
    const perform = async ([effect, place]: [RotationEffect, number]): Promise<Happened | undefined> => {
      // Nothing needs the secret of a key that is deployed and checked.
      if (effect === RotationEffect.Choose && known.made) known.made.key = "";
      const key = known.old[place];
      switch (effect) {
        case RotationEffect.List:
          known.old = await list();
          return [RotationEvent.Listed, known.old.length];
        case RotationEffect.Create: {
          const made = await keys.create(alias, call);
          known.made = { id: made.key_id, key: made.key };
          return [RotationEvent.Done];
        }
        case RotationEffect.Deploy:
          await deploy({ ...about(), key: known.made?.key ?? "" });
          return [RotationEvent.Done];
        case RotationEffect.Check:
          await checkAccepted(withKey(known.made?.key ?? ""));
          return [RotationEvent.Done];
        case RotationEffect.Verify:
          return [(await verify?.(about())) === false ? RotationEvent.No : RotationEvent.Yes];
        case RotationEffect.ListAgain: {
          const expected = new Set([known.made?.id, ...known.old.map(({ key_id: id }) => id)]);
          const others = (await list()).filter(({ key_id: id }) => !expected.has(id));
          return [RotationEvent.ListedAgain, others.length];
        }
        case RotationEffect.Choose: {
          if (!key || known.revoked.includes(key.key_id)) return [RotationEvent.No];
          const isRevoked = typeof revokeOld === "function" ? await revokeOld(key) : revokeOld;
          return [isRevoked === true ? RotationEvent.Yes : RotationEvent.No];
        }
        case RotationEffect.Revoke:
          if (!key) return [RotationEvent.Failed];
          await keys.revoke(key.key_id, call);
          known.revoked.push(key.key_id);
          return [RotationEvent.Done];
        default:
          return undefined;
      }
    };

    const go = async (): Promise<Rotation> => {
      let cause: unknown;
      const failed = (error: unknown): Happened => {
        cause = error;
        return [RotationEvent.Failed];
      };
      const [effect, beside] = await drive([RotationEvent.Started, Number(create)], { next, perform, failed });
      switch (effect) {
        case RotationEffect.Done: {
          const kept = known.old.map(({ key_id: id }) => id).filter((id) => !known.revoked.includes(id));
          return { ...about(), revoked: known.revoked, kept };
        }
        case RotationEffect.Missing:
          throw missing(alias, [...aliases]);
        case RotationEffect.Contested:
          throw stopped("verify", known, new Error(CONTESTED), go);
        case RotationEffect.Denied:
          throw stopped("verify", known, new Error("`verify` said no."), go);
        default:
          throw stopped(STEPS[beside as RotationStep] ?? "look", known, cause, go);
      }
    };
    return go();
  };
}
