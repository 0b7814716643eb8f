/** Rules for inputs, typed by the inputs of the public models. */

import type {} from "fal-wasm/endpoints";
import { type InputRules, createFalProxy } from "fal-wasm/proxy";

createFalProxy({
  authenticate: () => null,
  allowedEndpoints: ["fal-ai/flux/**"],
  inputs: {
    "fal-ai/flux/dev": {
      num_images: { max: 4, min: 1 },
      prompt: { maxLength: 500 },
      enable_safety_checker: { fixed: true },
      image_size: { oneOf: ["square", "square_hd"] },
      "image_size.width": { max: 1024 },
    },
    // Of patterns, and of endpoints of one's own, nothing is known.
    "fal-ai/flux/**": { anything: { max: 4, maxItems: 2, oneOf: ["x", 1, null] } },
    "me/app": { size: { maxLength: 3 } },
  },
});

export const wrong: InputRules[] = [
  // @ts-expect-error: the model has no such field
  { "fal-ai/flux/dev": { num_image: { max: 4 } } },
  // @ts-expect-error: a text has no largest value
  { "fal-ai/flux/dev": { prompt: { max: 4 } } },
  // @ts-expect-error: a number has no length
  { "fal-ai/flux/dev": { num_images: { maxLength: 4 } } },
  // @ts-expect-error: there is no such size
  { "fal-ai/flux/dev": { image_size: { oneOf: ["huge"] } } },
  // @ts-expect-error: there is no such rule
  { "fal-ai/flux/**": { num_images: { maximum: 4 } } },
  // @ts-expect-error: it is true or false
  { "fal-ai/flux/dev": { enable_safety_checker: { fixed: "yes" } } },
];
