/** `fal-wasm keys`, `models`, `usage` and `audit`: the Platform APIs in a terminal, with the key in the environment. */

import { readFileSync, writeFileSync } from "node:fs";

import type { PlatformClient } from "../platform/types.ts";
import { UsageError, parse, unknown } from "./arguments.ts";
import { AUDIT, USAGE as AUDIT_USAGE } from "./audit.ts";
import { declarationsOf } from "./endpoint-types.ts";
import { type Command, KEYS, USAGE as KEYS_USAGE } from "./keys.ts";
import { clientOf } from "./login.ts";
import { messageTypesOf } from "./message-types.ts";
import { printRows, take } from "./print.ts";

export const USAGE = `${KEYS_USAGE}
       fal-wasm models [words] [--category <name>] [--limit <n>] [--json]
       fal-wasm types <endpoint> ... [--out <file>]   types for EndpointTypeMap, from what fal says about the endpoints
       fal-wasm types <endpoint> --asyncapi <file> [--out <file>]   types of a session's messages, from the app's AsyncAPI document
       fal-wasm usage [--start <date>] [--end <date>] [--timeframe <name>] [--endpoint <id>] [--json]   (an ADMIN key)
${AUDIT_USAGE}
  The key is that in the environment: FAL_KEY, or FAL_KEY_ID and FAL_KEY_SECRET; without one, the login of \`fal auth login\`.
`;

const money = (price: number): string => price.toFixed(4);

/** A file of JSON. */
function jsonOf(file: string) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new UsageError(`${file} ${why}. --asyncapi takes the app's AsyncAPI document, as JSON.`);
  }
}

type UsageQuery = NonNullable<Parameters<PlatformClient["models"]["usage"]>[0]>;

const COMMANDS: Record<string, Command> = {
  audit: AUDIT,
  models: {
    options: { category: "text", limit: "text", json: "flag" },
    most: Infinity,
    async run(given, client) {
      const limit = Number(given.text("limit") ?? 50);
      if (!Number.isInteger(limit) || limit < 1) throw new UsageError("--limit takes a whole number, 1 or above.");
      const query = { q: given.positionals.join(" ") || undefined, category: given.text("category") };
      printRows(given, await take(client().models.list(query), limit), {
        model: (row) => row.endpoint_id,
        category: (row) => row.metadata?.category,
        name: (row) => row.metadata?.display_name,
      });
    },
  },
  types: {
    options: { out: "text", asyncapi: "text" },
    most: Infinity,
    async run(given, client) {
      const ids = given.positionals;
      const document = given.text("asyncapi");
      if (ids.length === 0)
        throw new UsageError("Types of which endpoints? fal-wasm types fal-ai/flux/dev my-team/my-app");
      if (document !== undefined && ids.length > 1)
        throw new UsageError("An AsyncAPI document is that of one app: name one endpoint.");
      const schemas = [];
      if (document === undefined) for (const id of ids) schemas.push(await client().models.schema(id));
      const text =
        document === undefined ? declarationsOf(schemas) : messageTypesOf(ids[0] as string, jsonOf(document));
      const file = given.text("out");
      if (file === undefined) process.stdout.write(text);
      else writeFileSync(file, text);
    },
  },
  usage: {
    options: { start: "text", end: "text", timeframe: "text", endpoint: "text", json: "flag" },
    most: 0,
    async run(given, client) {
      const [start, end, timeframe, endpoint] = ["start", "end", "timeframe", "endpoint"].map(given.text);
      // fal checks the values: it knows which there are.
      const query = { start, end, timeframe, endpoint_id: endpoint } as UsageQuery;
      const buckets = await take(client().models.usage(query));
      const rows = buckets.flatMap(({ bucket, results }) => results.map((result) => ({ bucket, ...result })));
      printRows(given, rows, {
        time: (row) => row.bucket,
        model: (row) => row.endpoint_id,
        quantity: (row) => `${row.quantity} ${row.unit}`,
        cost: (row) => `${money(row.cost_total)} ${row.currency}`,
      });
    },
  },
};

export const NAMES = ["keys", ...Object.keys(COMMANDS)];

export const isCommand = (word: string | undefined): boolean => word !== undefined && NAMES.includes(word);

/** The command, and what is left for it. */
function find([name = "", ...args]: string[]): [Command, string[]] {
  if (name !== "keys") return [COMMANDS[name] as Command, args];
  const [word, ...rest] = args;
  if (word === undefined)
    throw new UsageError(`What about keys? ${Object.keys(KEYS).join(", ")}. See fal-wasm keys --help.`);
  if (!Object.hasOwn(KEYS, word)) throw unknown("command of keys", word, Object.keys(KEYS));
  return [KEYS[word] as Command, rest];
}

/** Resolves to the exit code: 0, 1 when fal refuses or there is nothing to do it to, 2 when the arguments are invalid. */
export async function run(args: string[]): Promise<number> {
  try {
    const [command, rest] = find(args);
    await command.run(parse(rest, command.options, command.most), clientOf);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
