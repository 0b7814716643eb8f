/** What `fal-wasm dev` and the files that `fal-wasm init --emulator` writes agree on. */

/** The port of the emulator, unless another one is asked for. */
export const PORT = 8787;

/** The key of every emulator that `dev` starts, so that an environment file stays true. It opens nothing else. */
export const KEY = `0de00000-0000-4000-8000-000000000000:${"0de0".repeat(8)}`;
