/** The cells of all groups, and running one of them. */

import { readdirSync } from "node:fs";

import { Skipped } from "./skipped.mjs";

/** @typedef {import("./kit.mjs").Kit} Kit */
/** @typedef {{ group: string, name: string, run(kit: Kit): Promise<unknown> }} Cell */
/** @typedef {{ group: string, name: string, result: "ok" | "failed" | "skipped", why: string, seconds: number }} Outcome */

/** Whatever groups there are: each file beside this folder. @param {string} [filter] A part of a group's or cell's name. @returns {Promise<Cell[]>} */
export async function cells(filter = "") {
  const folder = new URL("../", import.meta.url);
  const groups = readdirSync(folder)
    .filter((file) => file.endsWith(".mjs") && !file.endsWith(".test.mjs"))
    .sort();
  const all = await Promise.all(
    groups.map(async (file) => {
      const group = file.replace(".mjs", "");
      /** @type {{ default: import("./kit.mjs").Cell[] }} */
      const { default: list } = await import(new URL(file, folder).href);
      return list.map(({ name, run }) => ({ group, name, run }));
    }),
  );
  return all.flat().filter(({ group, name }) => `${group} ${name}`.toLowerCase().includes(filter.toLowerCase()));
}

/** How long a cell may take; the first one of a tool installs it. */
const LIMIT = 300_000;

/** Waits for a cell, but not for ever. @param {Promise<unknown>} work */
async function within(work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`it was not done after ${LIMIT / 1000} seconds`)), LIMIT);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Runs a cell; tells what became of it. @param {Cell} cell @param {Kit} kit @returns {Promise<Outcome & { error?: any }>} */
export async function outcomeOf({ group, name, run }, kit) {
  const began = Date.now();
  const told = (/** @type {Outcome["result"]} */ result, why = "") => ({
    ...{ group, name, result, why },
    seconds: Math.round((Date.now() - began) / 100) / 10,
  });
  try {
    await within(run(kit));
    return told("ok");
  } catch (/** @type {any} */ error) {
    if (error instanceof Skipped) return told("skipped", error.message);
    return { ...told("failed", String(error?.message ?? error)), error };
  }
}
