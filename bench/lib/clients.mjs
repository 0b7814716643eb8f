/** The two clients on a server, each as its users have it, with nothing set but the key and the way to the emulator. */

import { createFalClient as createOfficial } from "@fal-ai/client";
import { createFalClient } from "fal-wasm";

import { KEY } from "../../tests/lib/keys.mjs";

/** @param {any} fetch @returns {{ ours: any, theirs: any }} */
export const clientsWith = (fetch) => ({
  ours: createFalClient({ credentials: KEY, fetch }),
  theirs: createOfficial({ credentials: KEY, fetch }),
});

/** What a user of a model might send, and get. */
export const INPUT = { prompt: "a cat in the rain", image_size: "square_hd", num_images: 1, seed: 42 };
export const ANSWER = JSON.stringify({
  images: [
    {
      url: "http://127.0.0.1/v3.fal.media/files/b/koala/cat.jpg",
      width: 1024,
      height: 1024,
      content_type: "image/jpeg",
    },
  ],
  timings: { inference: 0.4172 },
  seed: 42,
  has_nsfw_concepts: [false],
  prompt: INPUT.prompt,
});
