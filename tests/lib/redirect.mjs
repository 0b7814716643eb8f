/** Takes what a program sends to fal to the emulator instead: for `node --import`, and `--preload` of Deno and Bun. */

import { redirected } from "../../scripts/lib/emulator.mjs";

const { fetch } = globalThis;
const emulator = process.env.EMULATOR ?? "";
globalThis.fetch = /** @type {any} */ (
  (/** @type {any} */ input, /** @type {any} */ init) => fetch(redirected(String(input), emulator), init)
);
