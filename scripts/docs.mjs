/** `npm run docs`: builds the site of the documentation into target/docs; with `--dev` serves it while it is written. */

import { fileURLToPath } from "node:url";

import { buildPlayground } from "./lib/playground.mjs";
import { path, run, script } from "./lib/run.mjs";
import { vitepress } from "./lib/setup.mjs";

/** Where the built site is. */
export const SITE = path("target/docs");

/**
 * Builds the site; a link that leads nowhere fails.
 *
 * @param {{ base?: string, release?: boolean }} [options] The path it will be at, if not at the root of a host, and whether it is to
 *   be published.
 */
export async function buildDocs({ base = process.env.DOCS_BASE ?? "/", release = false } = {}) {
  await buildPlayground({ release });
  await run(await vitepress(), ["build", path("docs")], { quiet: true, env: { DOCS_BASE: base } });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await script(async () => {
    if (!process.argv.includes("--dev")) return buildDocs({ release: true });
    await buildPlayground();
    await run(await vitepress(), ["dev", path("docs")]);
  });
}
