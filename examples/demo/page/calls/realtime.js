import { fal } from "../fal.js"; // createFalClient({ proxyUrl: "/api/fal/proxy" })
import { createFalRealtimeStore } from "../fal-wasm/shared/store.js";

/** One connection for all pictures, opened with a token that the proxy gives to this visitor. */
export const drawing = createFalRealtimeStore(fal, "fal-ai/fast-lcm-diffusion");

// drawing.subscribe(() => show(drawing.getState().data?.images[0]));
// input.oninput = () => drawing.send({ prompt: input.value });
// drawing.close();
