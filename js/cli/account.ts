/** `fal-wasm keys`, `models` and `usage`: the Platform APIs on a terminal. The key is the one in the environment. */

import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

import { createPlatformClient } from "../entries/server/platform.ts";
import { table } from "./table.ts";

export const USAGE = `       fal-wasm keys list | create <alias> | revoke <id> | rotate <alias> --deploy <command>   (an ADMIN key)
       fal-wasm models [words] [--category <name>] [--limit <n>]
       fal-wasm usage [--start <date>] [--end <date>] [--timeframe <name>] [--endpoint <id>]   (an ADMIN key)

  --json          answers for programs
  --show-secret   writes the secret of a new key also where that is no terminal; it is shown this once
  --deploy        a command that gets the new key on its standard input, such as "npx wrangler secret put FAL_KEY";
                  old keys of the alias are revoked when it has succeeded and fal takes the new key
  --keep-old      does not revoke them
`;

/** @typedef {{ positionals: string[], values: any, client: any }} Call */

/** Something that was called wrongly. */
class Wrong extends Error {}

/** @param {string | undefined} value @param {string} what @returns {string} */
const given = (value, what) => {
  if (!value) throw new Wrong(`${what} is missing.`);
  return value;
};

/** @param {string} text */
const print = (text) => void process.stdout.write(`${text}\n`);

/** Rows for people, or for programs. @param {Call} call @param {any[]} rows @param {Record<string, (row: any) => unknown>} columns */
const show = ({ values }, rows, columns) => print(values.json ? JSON.stringify(rows, null, 2) : table(rows, columns));

/** @param {AsyncIterable<any>} list @param {number} [most] */
async function taken(list, most = Infinity) {
  const rows = [];
  for await (const row of list) if (rows.push(row) >= most) break;
  return rows;
}

/** Hands a key to a command, on its standard input: arguments and variables can be read by others. @param {string} command @param {string} key */
const handTo = (command, key) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ["pipe", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(code) : reject(new Error(`"${command}" ended with ${code}.`))));
    child.stdin.on("error", () => {});
    child.stdin.end(`${key}\n`);
  });

/** @type {Record<string, (call: Call) => Promise<void>>} */
const KEYS = {
  async list(call) {
    const id = (/** @type {any} */ row) => row.key_id;
    const columns = {
      id,
      alias: (/** @type {any} */ row) => row.alias,
      created: (/** @type {any} */ row) => row.created_at,
    };
    show(call, await taken(call.client.keys.list()), columns);
  },
  async create({ positionals: [alias], values, client }) {
    given(alias, "The alias");
    if (!process.stdout.isTTY && !values["show-secret"])
      throw new Wrong("The secret of a new key is shown once, and this is no terminal: add --show-secret.");
    const made = await client.keys.create(alias);
    print(values.json ? JSON.stringify(made, null, 2) : made.key);
  },
  async revoke({ positionals: [id], client }) {
    await client.keys.revoke(given(id, "The id"));
    print(`Revoked ${id}.`);
  },
  async rotate({ positionals: [alias], values, client }) {
    const command = given(values.deploy, "--deploy");
    const deploy = (/** @type {any} */ { key }) => handTo(command, key);
    const rotation = await client.keys.rotate({
      alias: given(alias, "The alias"),
      deploy,
      revokeOld: !values["keep-old"],
    });
    const { keyId, revoked } = rotation;
    print(
      values.json ? JSON.stringify(rotation, null, 2) : `New key ${keyId}. Revoked: ${revoked.join(", ") || "none"}.`,
    );
  },
};

/** @param {number} price */
const money = (price) => price.toFixed(4);

/** @type {Record<string, (call: Call) => Promise<void>>} */
const COMMANDS = {
  async keys(call) {
    const [name = "", ...positionals] = call.positionals;
    const work = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (!work) throw new Wrong(`keys ${name} is no command.`);
    await work({ ...call, positionals });
  },
  async models(call) {
    const { category, limit } = call.values;
    const query = { q: call.positionals.join(" ") || undefined, category };
    const rows = await taken(call.client.models.list(query), Number(limit ?? 50));
    show(call, rows, {
      model: (row) => row.endpoint_id,
      category: (row) => row.metadata?.category,
      name: (row) => row.metadata?.display_name,
    });
  },
  async usage(call) {
    const { start, end, timeframe, endpoint } = call.values;
    const buckets = await taken(call.client.models.usage({ start, end, timeframe, endpoint_id: endpoint }));
    const rows = buckets.flatMap(({ bucket, results }) =>
      results.map((/** @type {any} */ result) => ({ bucket, ...result })),
    );
    show(call, rows, {
      time: (row) => row.bucket,
      model: (row) => row.endpoint_id,
      quantity: (row) => `${row.quantity} ${row.unit}`,
      cost: (row) => `${money(row.cost_total)} ${row.currency}`,
    });
  },
};

/** Whether a word is one of these commands. @param {string | undefined} word */
export const isCommand = (word) => word !== undefined && Object.hasOwn(COMMANDS, word);

const text = /** @type {const} */ ({ type: "string" });
const flag = /** @type {const} */ ({ type: "boolean" });
const OPTIONS = {
  json: flag,
  "show-secret": flag,
  "keep-old": flag,
  deploy: text,
  category: text,
  limit: text,
  start: text,
  end: text,
  timeframe: text,
  endpoint: text,
};

/**
 * Does a command; resolves to what the program ends with: 0, 1 when fal says no, 2 when it was called wrongly.
 *
 * @param {string[]} args
 */
export async function run([command = "", ...args]) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    if (positionals.includes("help")) throw new Wrong(USAGE);
    await COMMANDS[command]?.({ positionals, values, client: createPlatformClient() });
    return 0;
  } catch (error) {
    const { message, code } = /** @type {any} */ (error);
    process.stderr.write(`${message}\n`);
    return error instanceof Wrong || String(code).startsWith("ERR_PARSE_ARGS") ? 2 : 1;
  }
}
