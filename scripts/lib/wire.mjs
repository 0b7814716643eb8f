/**
 * `npm run generate:wire`: writes `js/core/wire.ts` from the tables in `src/wire/`. With `--check` nothing is written: it
 * fails when what is checked in is not what would be.
 */

import { readFileSync, writeFileSync } from "node:fs";

import { format } from "prettier";

import { UserError, path, run, say, script } from "./run.mjs";

const WIRE = "js/core/wire.ts";

await script(async () => {
  const made = await run("cargo", ["run", "--quiet", "--locked", "-p", "fal-wasm-wire"], { quiet: true });
  const text = await format(made, { parser: "typescript", printWidth: 120 });
  if (!process.argv.includes("--check")) {
    writeFileSync(path(WIRE), text);
    say(`Written: ${WIRE}`);
  } else if (readFileSync(path(WIRE), "utf8") !== text) {
    throw new UserError(`${WIRE} is not what src/wire/ says. Run: npm run generate:wire`);
  }
});
