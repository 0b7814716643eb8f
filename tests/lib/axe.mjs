/** Whether a page can be used by everybody, as far as a program can tell. */

import { readFileSync } from "node:fs";

import { path } from "../../scripts/lib/run.mjs";
import { vitepress } from "../../scripts/lib/setup.mjs";

/** Gets axe. Resolves to what lists the violations of a page as it is. */
export async function axe() {
  // It is installed together with what makes the site.
  await vitepress();
  const source = readFileSync(path("target/site-tools/node_modules/axe-core/axe.min.js"), "utf8");
  /** @param {import("playwright-core").Page} page @param {string[]} [exclude] Selectors of what is not looked at. @returns {Promise<string[]>} */
  return async (page, exclude = []) => {
    await page.evaluate(source);
    return page.evaluate(async (exclude) => {
      const { violations } = await /** @type {any} */ (globalThis).axe.run(
        { exclude },
        { resultTypes: ["violations"] },
      );
      return violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
    }, exclude);
  };
}
