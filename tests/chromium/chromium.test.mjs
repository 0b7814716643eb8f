/** The browser build in a real Chromium: what it refuses, and what it does. */

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { watch } from "../../scripts/lib/browser.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { client } from "../browsers/checks/client.mjs";
import { addEdge, refusals } from "../browsers/checks/refusals.mjs";
import { KEY } from "../lib/keys.mjs";
import { each, openSite } from "./site.mjs";

const site = await openSite("chromium-site", addEdge);
const seen = watch(site.context);

before(site.enter);
beforeEach(() => site.emulator.control({ reset: true }));
after(site.close);

each({ ...refusals, ...client }, site);

test("the browser never saw the key", async () => {
  const everything = await seen.all();
  assert.ok(everything.length > 100_000, "it saw something");
  assert.ok(!isSeen(everything, formsOf(KEY)));
});
