#!/usr/bin/env node
/**
 * `fal-emulator [--port 0] [--seed N] [--exit-with-parent] [--settings JSON]`
 *
 * The first line on stdout is JSON with the server's `url`, `seed` and, when none was given, a `key`. Keys come from the
 * environment only (`FAL_EMULATOR_KEYS`, `FAL_EMULATOR_LOGINS`): every process of a machine can read arguments.
 */

import { parseArgs } from "node:util";

import { startEmulator } from "./index.ts";
import type { ServerOptions } from "./server-types.ts";

const USAGE = "fal-emulator [--port 0] [--seed N] [--exit-with-parent] [--settings JSON]";

/** The value of a variable or an option, as JSON. The parser's error would quote it. */
function json(name: string, text: string | undefined): any {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    throw new TypeError(`${name} is not JSON.`);
  }
}

/** A whole number; throws when there is something else. */
function whole(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) > most) throw new TypeError(`${name} takes a whole number, at most ${most}.`);
  return Number(text);
}

function given(): ServerOptions & { exitWithParent: boolean } {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { port: text, seed: text, settings: text, "exit-with-parent": flag, help: flag };
  const { values } = parseArgs({ options });
  if (values.help) {
    process.stdout.write(`Usage: ${USAGE}\n`);
    process.exit(0);
  }
  const { FAL_EMULATOR_KEYS: keys, FAL_EMULATOR_LOGINS: logins } = process.env;
  const all = {
    port: whole("--port", values.port, 65_535),
    seed: whole("--seed", values.seed, Number.MAX_SAFE_INTEGER),
    settings: json("--settings", values.settings),
    keys: json("FAL_EMULATOR_KEYS", keys),
    logins: json("FAL_EMULATOR_LOGINS", logins),
    log: (line: string) => process.stderr.write(`${line}\n`),
  };
  const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return { ...set, exitWithParent: values["exit-with-parent"] === true };
}

try {
  const { exitWithParent, ...options } = given();
  const { url, seed, key, close } = await startEmulator(options);
  process.stdout.write(`${JSON.stringify({ url, seed, key })}\n`);
  const end = () => void close().then(() => process.exit(0));
  process.once("SIGINT", end).once("SIGTERM", end);
  if (exitWithParent) process.stdin.once("end", end).once("error", end).resume();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") ? 2 : 1;
}
