/** `fal-wasm keys`, `models` and `usage`: the Platform APIs in a terminal, with the key in the environment. */

import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

import { createPlatformClient } from "../entries/server/platform.ts";
import type { PlatformClient } from "../platform/types.ts";
import { type Columns, table } from "./table.ts";

export const USAGE = `       fal-wasm keys list | create <alias> | revoke <id> | rotate <alias> --deploy <command>   (an ADMIN key)
       fal-wasm models [words] [--category <name>] [--limit <n>]
       fal-wasm usage [--start <date>] [--end <date>] [--timeframe <name>] [--endpoint <id>]   (an ADMIN key)

  --json          answers for programs
  --show-secret   writes the secret of a new key also where that is no terminal; it is shown this once
  --deploy        a command that gets the new key on its standard input, such as "npx wrangler secret put FAL_KEY";
                  old keys of the alias are revoked when it has succeeded and fal takes the new key
  --keep-old      does not revoke them
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
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

const parse = (args: string[]) => parseArgs({ args, options: OPTIONS, allowPositionals: true });

type Command = (call: ReturnType<typeof parse> & { client: PlatformClient }) => Promise<void>;
type Values = ReturnType<typeof parse>["values"];

/** The command was called with invalid arguments. */
class UsageError extends Error {}

function required(value: string | undefined, what: string): string {
  if (!value) throw new UsageError(`${what} is missing.`);
  return value;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Prints rows as a table, or as JSON. */
const printRows = <Row>({ json }: Values, rows: Row[], columns: Columns<Row>): void =>
  json ? printJson(rows) : print(table(rows, columns));

async function take<Row>(list: AsyncIterable<Row>, most = Infinity): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of list) if (rows.push(row) >= most) break;
  return rows;
}

/** Gives a key to a command on its standard input: other processes can read arguments and variables. */
const pipeTo = (command: string, key: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ["pipe", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`"${command}" ended with ${code}.`))));
    child.stdin.on("error", () => {});
    child.stdin.end(`${key}\n`);
  });

const KEYS: Record<string, Command> = {
  async list({ client, values }) {
    printRows(values, await take(client.keys.list()), {
      id: (row) => row.key_id,
      alias: (row) => row.alias,
      created: (row) => row.created_at,
    });
  },
  async create({ positionals: [alias], values, client }) {
    const name = required(alias, "The alias");
    if (!process.stdout.isTTY && !values["show-secret"])
      throw new UsageError("The secret of a new key is shown once, and this is no terminal: add --show-secret.");
    const made = await client.keys.create(name);
    if (values.json) printJson(made);
    else print(made.key);
  },
  async revoke({ positionals: [id], client }) {
    await client.keys.revoke(required(id, "The id"));
    print(`Revoked ${id}.`);
  },
  async rotate({ positionals: [alias], values, client }) {
    const command = required(values.deploy, "--deploy");
    const rotation = await client.keys.rotate({
      alias: required(alias, "The alias"),
      deploy: ({ key }) => pipeTo(command, key),
      revokeOld: !values["keep-old"],
    });
    const { keyId, revoked } = rotation;
    if (values.json) printJson(rotation);
    else print(`New key ${keyId}. Revoked: ${revoked.join(", ") || "none"}.`);
  },
};

const money = (price: number): string => price.toFixed(4);

type UsageQuery = NonNullable<Parameters<PlatformClient["models"]["usage"]>[0]>;

const COMMANDS: Record<string, Command> = {
  async keys(call) {
    const [name = "", ...positionals] = call.positionals;
    const command = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (!command) throw new UsageError(`keys ${name} is no command.`);
    await command({ ...call, positionals });
  },
  async models({ positionals, values, client }) {
    const { category, limit } = values;
    const query = { q: positionals.join(" ") || undefined, category };
    const rows = await take(client.models.list(query), Number(limit ?? 50));
    printRows(values, rows, {
      model: (row) => row.endpoint_id,
      category: (row) => row.metadata?.category,
      name: (row) => row.metadata?.display_name,
    });
  },
  async usage({ values, client }) {
    const { start, end, timeframe, endpoint } = values;
    // fal checks the values: it knows which there are.
    const query = { start, end, timeframe, endpoint_id: endpoint } as UsageQuery;
    const buckets = await take(client.models.usage(query));
    const rows = buckets.flatMap(({ bucket, results }) => results.map((result) => ({ bucket, ...result })));
    printRows(values, rows, {
      time: (row) => row.bucket,
      model: (row) => row.endpoint_id,
      quantity: (row) => `${row.quantity} ${row.unit}`,
      cost: (row) => `${money(row.cost_total)} ${row.currency}`,
    });
  },
};

export const isCommand = (word: string | undefined): boolean => word !== undefined && Object.hasOwn(COMMANDS, word);

/** Resolves to the exit code: 0, 1 when fal refuses, 2 when the arguments are invalid. */
export async function run([command = "", ...args]: string[]): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (positionals.includes("help")) throw new UsageError(USAGE);
    await COMMANDS[command]?.({ values, positionals, client: createPlatformClient() });
    return 0;
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    process.stderr.write(`${message}\n`);
    return error instanceof UsageError || String(code).startsWith("ERR_PARSE_ARGS") ? 2 : 1;
  }
}
