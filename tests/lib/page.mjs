/** A page in a real Chromium, behind a worker that serves it and is its proxy. */

import { openBrowser } from "../../scripts/lib/browser.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";

/**
 * Opens the first page of a worker's assets, until the test ends. `mishaps` are what went wrong in it and nobody caught.
 *
 * @param {import("node:test").TestContext} t @param {string} entry The worker. @param {Parameters<typeof startWorker>[1]} setup
 * @param {(page: import("playwright-core").Page) => unknown} [prepare] What is done before the page is loaded.
 */
export async function openPage(t, entry, setup, prepare = () => {}) {
  const worker = await startWorker(entry, setup);
  const browser = await openBrowser();
  t.after(async () => {
    await browser.close();
    await worker.stop();
  });
  const page = await browser.context.newPage();
  /** @type {string[]} */
  const mishaps = [];
  page.on("pageerror", (error) => mishaps.push(String(error.stack)));
  page.on("crash", () => mishaps.push("the page crashed"));
  await prepare(page);
  await page.goto(worker.url);
  return { page, mishaps };
}
