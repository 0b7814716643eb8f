/** Rotates a key, and is killed at the moment it is told: before and after each request, and in each callback. */

import { writeFileSync } from "node:fs";

import { createPlatformClient } from "fal-wasm/platform";

import { redirected } from "../../scripts/lib/emulator.mjs";

const { EMULATOR = "", DEPLOYED = "", MOMENT, ALIAS = "" } = process.env;
let moments = 0;

function moment() {
  if (moments === Number(MOMENT)) process.kill(process.pid, "SIGKILL");
  moments += 1;
}

const platform = createPlatformClient({
  fetch: async (url, init) => {
    moment();
    const response = await fetch(redirected(String(url), EMULATOR), init);
    // The whole answer has come, and nobody has read it yet.
    const copy = new Response(response.status === 204 ? null : await response.arrayBuffer(), response);
    moment();
    return copy;
  },
});

await platform.keys.rotate({
  alias: ALIAS,
  deploy({ key }) {
    moment();
    writeFileSync(DEPLOYED, key);
    moment();
  },
  verify() {
    moment();
    moment();
  },
});
