/** Arguments of a command: each command has options of its own, and what it does not know is an error. */

import { parseArgs } from "node:util";

import { nearestName } from "../client/nearest-name.ts";

/** The command was called with invalid arguments. */
export class UsageError extends Error {}

/** The options of a command: the name of each, and whether it takes a value. */
export type Options = Record<string, "flag" | "text">;

/** What was given. */
export interface Arguments {
  positionals: string[];
  /** Whether a flag was given. */
  has(name: string): boolean;
  /** The value of an option; undefined when it was not given. */
  text(name: string): string | undefined;
}

const quoted = (word: string): string => `\`${word.replace(/[^\x21-\x7e]/g, "?")}\``;

/** Says what is wrong with a word that is not known. */
export function unknown(what: string, given: string, known: readonly string[]): UsageError {
  const nearest = nearestName(given, known);
  const rest = nearest === undefined ? `There are ${known.join(", ")}.` : `Did you mean \`${nearest}\`?`;
  return new UsageError(`${quoted(given)} is no ${what}. ${rest}`);
}

/** Parses arguments; `most` is how many of them may be no options. */
export function parse(args: string[], options: Options, most: number): Arguments {
  const types = Object.entries(options).map(
    ([name, kind]) => [name, { type: kind === "flag" ? "boolean" : "string" } as const] as const,
  );
  const { values, positionals, tokens } = parseArgs({
    args,
    options: Object.fromEntries(types),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const kind = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    const known = Object.keys(options).map((name) => `--${name}`);
    if (kind === undefined) throw unknown("option of this command", token.rawName, known);
    if (kind === "flag" && token.value !== undefined) throw new UsageError(`--${token.name} takes no value.`);
    const isMissing = token.value === undefined || (!token.inlineValue && token.value.startsWith("-"));
    if (kind === "text" && isMissing) throw new UsageError(`--${token.name} needs a value.`);
  }
  const [extra] = positionals.slice(most);
  if (extra !== undefined) throw new UsageError(`${quoted(extra)} is one argument too many.`);
  return {
    positionals,
    has: (name) => values[name] === true,
    text: (name) => (typeof values[name] === "string" ? (values[name] as string) : undefined),
  };
}

/** Whether somebody asks for help: with the first word, or an option before a `--`. */
export const asksForHelp = (args: string[]): boolean => {
  const end = args.indexOf("--");
  return (
    args[0] === "help" || args.slice(0, end < 0 ? args.length : end).some((arg) => arg === "--help" || arg === "-h")
  );
};

export function required(value: string | undefined, what: string): string {
  if (!value) throw new UsageError(`${what} is missing.`);
  return value;
}
