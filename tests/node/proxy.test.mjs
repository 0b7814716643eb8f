import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";

import { decideAll } from "../lib/vectors.mjs";

const suite = JSON.parse(readFileSync(new URL("../data/proxy-vectors.json", import.meta.url), "utf8"));

test("every vector is decided as it must be", async () => {
  assert.deepEqual(await decideAll(createFalProxy, suite), []);
});
