import { createFalClient } from "fal-wasm";
import { createFalStore } from "fal-wasm/store";

// All that a page knows of fal: where its own proxy is.
const fal = createFalClient({ proxyUrl: "api/fal/proxy" });

/** A call to show: its place in the queue, its progress, its log, and a picture or an error. */
export function createCall(endpoint, show) {
  const call = createFalStore(fal, endpoint);
  call.subscribe(() => show(call.getState()));
  return call; // call.run({ prompt }), call.cancel()
}
