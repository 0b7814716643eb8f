import { fal } from "../fal.js"; // createFalClient({ proxyUrl: "/api/fal/proxy" })
import { createFalStore } from "../fal-wasm/shared/store.js";

/** Queues a request and follows it. A reload goes on where it was. */
export function createPicture(endpoint, onQueueUpdate) {
  return createFalStore(fal, endpoint, { resume: true, onQueueUpdate });
}

// picture.subscribe(() => show(picture.getState()));
// picture.run({ prompt: "A lighthouse by the sea" });
// picture.cancel();
