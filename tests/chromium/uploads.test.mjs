/** Uploads from a page in a real Chromium. */

import assert from "node:assert/strict";
import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { uploads } from "../browsers/checks/uploads.mjs";
import { MIB, bytes } from "../lib/files.mjs";
import { each, openSite } from "./site.mjs";

const site = await openSite("chromium-uploads");
const { page } = site;

before(site.enter);
beforeEach(() => site.emulator.control({ reset: true }));
after(site.close);

each(uploads, site);

test("a file that is changed or removed while it is uploaded is said to be so", async () => {
  const place = path("target/chromium-uploads.bin");
  writeFileSync(place, bytes(MIB));
  const input = await page.evaluateHandle(() => Object.assign(document.createElement("input"), { type: "file" }));
  await input.setInputFiles(place);
  // Once the page has read of it, it knows what the file was like.
  await page.evaluate(async (input) => input.files?.[0].slice(0, 1).text(), input);
  const upload = () => page.evaluate(async (input) => (await import("/uploads.js")).codeOf(input.files?.[0]), input);
  writeFileSync(place, bytes(MIB + 1));
  utimesSync(place, 1, 1);
  assert.equal(await upload(), "file_unreadable");
  rmSync(place);
  assert.equal(await upload(), "file_unreadable");
});
