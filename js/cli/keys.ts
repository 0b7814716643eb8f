/** `fal-wasm keys`: keys are looked at before anything is done to them. */

import { spawn } from "node:child_process";

import { nearestName } from "../client/nearest-name.ts";
import type { CreatedKey, ListedKey, PlatformClient, RotationError } from "../platform/types.ts";
import { type Arguments, type Options, UsageError, required } from "./arguments.ts";
import { print, printJson, printRows, take } from "./print.ts";

export const USAGE = `       fal-wasm keys list
       fal-wasm keys create <alias> [--pair] [--show-secret]
       fal-wasm keys revoke <id>
       fal-wasm keys rotate <alias> --deploy <command> [--pair] [--keep-old] [--create]

  They need an ADMIN key, which is made at fal.ai/dashboard/keys; those that they make have scope API.

  --show-secret   writes the secret of a new key also where that is no terminal; it is shown this once
  --pair          writes a new key as FAL_KEY_ID=... and FAL_KEY_SECRET=..., on two lines
  --deploy        a command that gets the new key on its standard input, such as "npx wrangler secret put FAL_KEY";
                  old keys of the alias are revoked when it has succeeded and fal takes the new key
  --keep-old      does not revoke them
  --create        makes the first key of an alias
  --json          answers for programs
`;

const DASHBOARD = "fal.ai/dashboard/keys";

/** A command, with its own options. */
export interface Command {
  options: Options;
  /** How many arguments it takes that are no options. */
  most: number;
  run(given: Arguments, client: () => PlatformClient): Promise<void>;
}

/** Gives a text to a command on its standard input: other processes can read arguments and variables. */
const pipeTo = (command: string, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ["pipe", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`"${command}" ended with ${code}.`))));
    child.stdin.on("error", () => {});
    child.stdin.end(`${text}\n`);
  });

/** A key as it is written down. */
function written({ key, key_id: id, key_secret: secret }: CreatedKey, asPair: boolean): string {
  return asPair ? `FAL_KEY_ID=${id}\nFAL_KEY_SECRET=${secret}` : key;
}

/** The key that is meant by its id. Throws what is nearest when there is none: fal says yes to revoking any id. */
function find(keys: readonly ListedKey[], given: string): ListedKey {
  const word = given.toLowerCase();
  const found = keys.find(({ key_id: id }) => id.toLowerCase() === word);
  if (found) return found;
  const named = keys.filter(({ alias }) => alias === given).map(({ key_id: id }) => `\`fal-wasm keys revoke ${id}\``);
  if (named.length > 0) {
    throw new Error(`"${given}" is the alias of ${named.length} of your keys. Revoke by id: ${named.join(" or ")}.`);
  }
  const nearest = nearestName(
    given,
    keys.flatMap(({ key_id: id, alias }) => [id, alias]),
  );
  const meant = keys.filter(({ key_id: id, alias }) => nearest !== undefined && [id, alias].includes(nearest));
  const hint = meant.map(({ key_id: id, alias }) => `${id} ("${alias}")`).join(" or ");
  throw new Error(
    `No key of this account has the id "${given}", so nothing was revoked.${hint && ` Did you mean ${hint}?`} ` +
      `fal lists keys of scope API; others are revoked at ${DASHBOARD}.`,
  );
}

/** What to do about a rotation that stopped, on a command line. */
function explained(error: unknown): unknown {
  const { code, step, keyId, cause } = error as RotationError & { cause?: unknown };
  if (code === "key_not_found") return new Error((error as Error).message.replace("`create: true`", "`--create`"));
  if (code !== "rotation_stopped") return error;
  const revoke = `\`fal-wasm keys revoke ${keyId}\``;
  const advice: Record<string, string> = {
    look: "Nothing was made or revoked. Run it again.",
    create: "No key was revoked, and the old one still works. If a new one was made, running this again revokes it.",
    deploy:
      `No key was revoked, and the old one still works. The new key ${keyId} exists, and part of the deployment may use ` +
      `it: run this again to replace it, or take it back with ${revoke}.`,
    verify:
      `No key was revoked, and the old one still works. The new key ${keyId} is deployed: run this again, or deploy the ` +
      `old one again and take the new one back with ${revoke}.`,
    revoke: `The new key ${keyId} is in use, and old ones may still work: see \`fal-wasm keys list\`, and revoke them.`,
  };
  const why = (cause as Error | undefined)?.message ?? String(cause);
  return new Error(`The rotation stopped at "${step}": ${why} ${advice[step] ?? ""}`);
}

const SECRET: Options = { "show-secret": "flag", pair: "flag", json: "flag" };

export const KEYS: Record<string, Command> = {
  list: {
    options: { json: "flag" },
    most: 0,
    async run(given, client) {
      printRows(given, await take(client().keys.list()), {
        id: (row) => row.key_id,
        alias: (row) => row.alias,
        created: (row) => row.created_at,
      });
    },
  },
  create: {
    options: { ...SECRET, scope: "text" },
    most: 1,
    async run(given, client) {
      const scope = given.text("scope");
      if (scope !== undefined && scope.toUpperCase() !== "API") {
        throw new UsageError(
          `Keys that are made here have scope API. One of scope ${scope.toUpperCase()} is made in the dashboard: ${DASHBOARD}.`,
        );
      }
      const alias = required(given.positionals[0], "The alias");
      if (!process.stdout.isTTY && !given.has("show-secret"))
        throw new UsageError("The secret of a new key is shown once, and this is no terminal: add --show-secret.");
      const made = await client().keys.create(alias);
      if (given.has("json")) printJson(made);
      else print(written(made, given.has("pair")));
    },
  },
  revoke: {
    options: { json: "flag" },
    most: 1,
    async run(given, client) {
      const id = required(given.positionals[0], "The id");
      const platform = client();
      const { key_id: keyId, alias } = find(await take(platform.keys.list()), id);
      await platform.keys.revoke(keyId);
      if (given.has("json")) printJson({ revoked: keyId, alias });
      else print(`Revoked ${keyId}.`);
    },
  },
  rotate: {
    options: { deploy: "text", "keep-old": "flag", create: "flag", pair: "flag", json: "flag" },
    most: 1,
    async run(given, client) {
      const command = required(given.text("deploy"), "--deploy");
      const rotating = client().keys.rotate({
        alias: required(given.positionals[0], "The alias"),
        deploy({ keyId, key }) {
          const made = { key_id: keyId, key, key_secret: key.slice(key.indexOf(":") + 1) };
          return pipeTo(command, written(made, given.has("pair")));
        },
        revokeOld: !given.has("keep-old"),
        create: given.has("create"),
      });
      const rotation = await rotating.catch((error: unknown) => {
        throw explained(error);
      });
      const { keyId, revoked } = rotation;
      if (given.has("json")) printJson(rotation);
      else print(`New key ${keyId}. Revoked: ${revoked.join(", ") || "none"}.`);
    },
  },
};
