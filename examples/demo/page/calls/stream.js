import { fal } from "../fal.js"; // createFalClient({ proxyUrl: "/api/fal/proxy" })
import { createFalStreamStore } from "../fal-wasm/shared/store.js";

/** Each event holds the text so far. */
export const answer = createFalStreamStore(fal, "fal-ai/any-llm");

// answer.subscribe(() => (text.textContent = answer.getState().data?.output));
// answer.run({ prompt: "Write a haiku" });
// answer.cancel();
