import { createFalProxy } from "fal-wasm/proxy";

/** Your own sign-in goes here. This one lets in who knows APP_PASSWORD, and nobody as long as there is none. */
function userOf(request) {
  const password = Deno.env.get("APP_PASSWORD");
  const knows = password && request.headers.get("authorization") === `Basic ${btoa(`app:${password}`)}`;
  return knows ? { id: "app" } : null;
}

Deno.serve(createFalProxy({ authenticate: userOf, allowedEndpoints: ["fal-ai/flux/**"] }));
