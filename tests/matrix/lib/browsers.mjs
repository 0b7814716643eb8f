/** Browsers that several cells use, one after the other. */

import { UserError } from "../../../scripts/lib/run.mjs";
import { browsers } from "../../lib/browsers/index.mjs";
import { Skipped } from "./skipped.mjs";

/** @typedef {import("../../lib/browsers/index.mjs").Browser} Browser */

/** Longer than this nothing takes; a page that is never done would hold up everything. */
const PATIENCE = 120_000;

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
const inTime = (work) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("The page is still not done.")), PATIENCE);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Opens one, and lets whoever wants it have it in turn. @param {string} name */
async function turns(name) {
  const browser = await browsers[name]().catch((error) => {
    throw error instanceof UserError ? new Skipped(error.message) : error;
  });
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return {
    stop: () => browser.close(),
    /** @template T @param {(browser: Browser) => Promise<T>} work @returns {Promise<T>} */
    take(work) {
      const mine = last.then(() => inTime(work(browser)));
      last = mine.catch(() => {});
      return mine;
    },
  };
}

/**
 * Does something with a browser while nobody else does.
 *
 * @template T @param {import("./kit.mjs").Kit} kit @param {string} name @param {(browser: Browser) => Promise<T>} work
 */
export const withBrowser = async (kit, name, work) => (await kit.shared(name, () => turns(name))).take(work);
