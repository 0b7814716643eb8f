/** The cells of `npm run matrix`, each as a test. */

import { after, describe, test } from "node:test";

import { cells, outcomeOf } from "./lib/cells.mjs";
import { openKit } from "./lib/kit.mjs";

const all = await cells();
const kit = await openKit();
after(() => kit.close());

/** Beside each other as far as two cores bear it. */
describe("matrix", { concurrency: 2, timeout: 1_800_000 }, () => {
  for (const cell of all) {
    test(`${cell.group}: ${cell.name}`, async (t) => {
      const { result, why, error } = await outcomeOf(cell, kit);
      if (result === "skipped") t.skip(why);
      if (result === "failed") throw error;
    });
  }
});
