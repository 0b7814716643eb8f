#!/usr/bin/env node
/** The command `fal-wasm`. */

import * as account from "./account.ts";
import * as doctor from "./doctor.ts";

const args = process.argv.slice(2);
const module = [account, doctor].find(({ isCommand }) => isCommand(args[0]));
if (module) {
  process.exitCode = await module.run(args);
} else {
  const isHelp = ["help", "--help", "-h"].includes(args[0] ?? "");
  process[isHelp ? "stdout" : "stderr"].write(`Usage:\n${doctor.USAGE}\n${account.USAGE}`);
  process.exitCode = isHelp ? 0 : 2;
}
