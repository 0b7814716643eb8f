/** A real Chromium, and everything it saw. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium as driver } from "playwright-core";

import { log } from "./run.mjs";
import { chromium } from "./setup.mjs";

/** It is not to do anything of its own accord. */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Starts a browser with an empty profile.
 *
 * @param {import("playwright-core").BrowserContextOptions & { flags?: string[] }} [options] `flags` of its command line.
 */
export async function openBrowser({ flags = [], ...options } = {}) {
  const profile = mkdtempSync(join(tmpdir(), "fal-wasm-"));
  const args = [...FLAGS, ...flags, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
  const executablePath = await chromium();
  const context = await driver.launchPersistentContext(profile, { executablePath, args, headless: true, ...options });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/**
 * Writes down everything a browser sees from now on: requests, answers and scripts, the console, errors. `all()` adds
 * what is stored and what the pages show.
 *
 * @param {import("playwright-core").BrowserContext} context
 */
export function watch(context) {
  /** @type {string[]} */
  const seen = [];
  /** @type {Set<Promise<void>>} */
  const reading = new Set();
  const note = (/** @type {() => Promise<string[]>} */ read) => {
    const work = read().then(
      (texts) => void seen.push(...texts),
      () => {},
    );
    reading.add(work);
    work.finally(() => reading.delete(work));
  };
  context.on("request", (request) =>
    note(async () => [
      `${request.method()} ${request.url()}`,
      JSON.stringify(await request.allHeaders()),
      request.postDataBuffer()?.toString("latin1") ?? "",
    ]),
  );
  context.on("response", (response) =>
    note(async () => [
      `${response.status()} ${response.url()}`,
      JSON.stringify(await response.allHeaders()),
      (await response.body()).toString("latin1"),
    ]),
  );
  context.on("console", (message) => seen.push(message.text()));
  context.on("weberror", (error) => seen.push(String(error.error().stack)));
  return {
    /** @returns {Promise<string>} */
    async all() {
      await Promise.all(reading);
      const pages = await Promise.all(context.pages().map((page) => page.evaluate(everything).catch(String)));
      const kept = [await context.storageState(), await context.cookies()].map((value) => JSON.stringify(value));
      const all = [...seen, ...kept, ...pages].join("\n");
      log("browser", all);
      return all;
    },
  };
}

/** What a page shows and keeps. Runs in it. */
async function everything() {
  const stores = [localStorage, sessionStorage].map((store) => JSON.stringify({ ...store }));
  const databases = await indexedDB.databases?.();
  const caches = (await globalThis.caches?.keys()) ?? [];
  return [document.documentElement.outerHTML, ...stores, JSON.stringify(databases), ...caches, location.href].join(
    "\n",
  );
}
