/** Chromium, as every browser of the matrix is spoken to. */

import { openBrowser } from "../../../scripts/lib/browser.mjs";

/** @param {{ flags?: string[] }} [options] @returns {Promise<import("./index.mjs").Browser>} */
export async function openChromium({ flags } = {}) {
  const browser = await openBrowser({ flags });
  const page = await browser.context.newPage();
  return {
    goto: async (url) => void (await page.goto(url)),
    call: (work, argument) => page.evaluate(work, argument),
    close: browser.close,
  };
}
