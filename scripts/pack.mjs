/** `node scripts/pack.mjs`: both npm packages as they are published, in `target/pack`, and the SHA-256 of each file in them. */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "./build.mjs";
import { emulatorPackage } from "./lib/emulator-package.mjs";
import { path, run, script } from "./lib/run.mjs";

await script(async () => {
  const out = path("target/pack");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await build();
  /** @type {string[]} */
  const sums = [];
  for (const folder of [path("."), await emulatorPackage({ release: true })]) {
    const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", out];
    const [{ name, files }] = JSON.parse(await run("npm", args, { cwd: folder, quiet: true }));
    for (const { path: file } of files) {
      const sum = createHash("sha256").update(readFileSync(join(folder, file)));
      sums.push(`${sum.digest("hex")}  ${name}/${file}`);
    }
  }
  writeFileSync(`${out}/SHA256SUMS`, `${sums.sort().join("\n")}\n`);
});
