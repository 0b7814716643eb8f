/** An app that installed the package. */

import { createFalClient } from "fal-wasm";

const fal = createFalClient({ proxyUrl: "/api/fal/proxy" });
let refused;
try {
  createFalClient({ credentials: "id:secret" });
} catch (error) {
  refused = error.code;
}
const { data } = await fal.subscribe("fal-ai/flux/schnell", { input: { prompt: "the sea" }, pollInterval: 40 });
document.body.dataset.outcome = JSON.stringify({ pictures: data.images.length, refused });
