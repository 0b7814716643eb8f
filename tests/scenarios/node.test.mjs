/** A hundred bad days of a server: Node with a key. A file of its own, as it is also run on a core in lockstep. */

import { test } from "node:test";

import { createFalClient } from "fal-wasm";

import { KEY } from "../lib/keys.mjs";
import { PLACES, emulatorOf, playAll } from "./play-all.mjs";
import { play } from "./play.js";

test("bad days in Node", async (t) => {
  const emulator = await emulatorOf(t);
  const config = { env: { FAL_KEY: KEY }, fetch: emulator.fetch };
  await playAll(PLACES.node, emulator, (scenario) => play(createFalClient, config, scenario));
});
