/** For `--import`: takes what a program sends to fal to the emulator. */

import { redirected } from "../../scripts/lib/emulator.mjs";

const { fetch } = globalThis;
globalThis.fetch = (input, init) => fetch(redirected(String(input), process.env.EMULATOR ?? ""), init);
