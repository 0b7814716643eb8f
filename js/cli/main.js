#!/usr/bin/env node
/** The command `fal-wasm`. */

import { USAGE, isCommand, run } from "./account.js";

const args = process.argv.slice(2);
if (isCommand(args[0])) {
  process.exitCode = await run(args);
} else {
  const isHelp = ["help", "--help", "-h"].includes(args[0] ?? "");
  process[isHelp ? "stdout" : "stderr"].write(`Usage:\n${USAGE}`);
  process.exitCode = isHelp ? 0 : 2;
}
