/** The trial of webhooks in the runtime that this is started with. Says what came of it, as one line of JSON. */

import { readFileSync } from "node:fs";

import { trial } from "./webhook-trial.mjs";

const { testGroups } = JSON.parse(readFileSync(process.env.VECTORS ?? "", "utf8"));
console.log(JSON.stringify(await trial(testGroups)));
process.exit(0);
