#!/usr/bin/env node
/** The command `fal-wasm`. */

import * as account from "./account.ts";
import { asksForHelp, unknown } from "./arguments.ts";
import * as dev from "./dev.ts";
import * as doctor from "./doctor.ts";
import * as init from "./init.ts";
import * as migrate from "./migrate.ts";

const MODULES = [account, dev, doctor, init, migrate];

const args = process.argv.slice(2);
const [first] = args;
const module = MODULES.find(({ isCommand }) => isCommand(first));

const USAGE = `${[doctor, init, migrate, dev, account].map((module) => module.USAGE).join("\n")}\n       fal-wasm --version\n`;

/** Writes how commands are called: because that was asked for, or with what is wrong at the end, where it is seen. */
function showUsage(usage: string, wrong?: string): void {
  const isAsked = asksForHelp(args);
  process[isAsked ? "stdout" : "stderr"].write(`Usage:\n${usage}${wrong === undefined ? "" : `\n${wrong}\n`}`);
  process.exitCode = isAsked ? 0 : 2;
}

if (module && asksForHelp(args.slice(1))) {
  showUsage(module.USAGE);
} else if (module) {
  process.exitCode = await module.run(args);
} else if (first === "--version" || first === "-v" || first === "version") {
  process.stdout.write("__VERSION__\n");
} else if (first === undefined || asksForHelp([first])) {
  showUsage(USAGE);
} else {
  const names = MODULES.flatMap(({ NAMES }) => NAMES);
  showUsage(USAGE, unknown("command", first, names).message);
}
