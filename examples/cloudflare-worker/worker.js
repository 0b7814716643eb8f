/** Pictures for everybody, until the day's five dollars are spent: counted exactly, in a Durable Object. */

import { FalLimits, durableLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

export { FalLimits };

export default {
  fetch: createFalProxy({
    authenticate: "anonymous-public",
    allowedEndpoints: ["fal-ai/flux/schnell"],
    inputs: { "fal-ai/flux/schnell": { num_images: { max: 1 } } },
    uploads: false,
    limits: {
      store: (env) => durableLimits(env.LIMITS),
      spending: { max: 5, prices: { "fal-ai/flux/schnell": 0.003 } },
    },
  }),
};
