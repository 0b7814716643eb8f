/** Realtime in a real Chromium: with tokens from the app's own proxy, and for a very long time. */

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { watch } from "../../scripts/lib/browser.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { realtime } from "../browsers/checks/realtime.mjs";
import { KEY } from "../lib/keys.mjs";
import { each, openSite } from "./site.mjs";

const site = await openSite("chromium-realtime-site");
const seen = watch(site.context);

before(site.enter);
beforeEach(() => site.emulator.control({ reset: true }));
after(site.close);

each(realtime, site);

// A browser opens one socket at a time, with rests between them; ten thousand are opened in tests/node.
test("two thousand connections leave nothing behind", { timeout: 240_000 }, async () => {
  const session = await site.context.newCDPSession(site.page);
  const measure = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  await site.inPage("realtime.js", "connections", 400);
  const before = await measure();
  await site.inPage("realtime.js", "connections", 1_600);
  const grown = (await measure()) - before;
  assert.ok(grown < 200_000, `${grown} bytes more after 1600 connections`);
});

test("the key was nowhere in the browser", async () => {
  assert.ok(!isSeen(await seen.all(), formsOf(KEY)));
});
