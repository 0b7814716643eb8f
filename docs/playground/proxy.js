import { createFalProxy } from "fal-wasm/proxy";

export const createProxy = ({ key, fetch }) =>
  createFalProxy({
    authenticate: () => ({ id: "visitor" }), // your own sign-in goes here
    allowedEndpoints: ["fal-ai/flux/**"],
    inputs: { "fal-ai/flux/**": { prompt: { maxLength: 500 } } },

    // Not in your app: there the key is in the environment of a server.
    credentials: key,
    fetch,
    dangerouslyTreatAsServer: "the key is made up, and opens nothing but an emulator in this tab",
  });
