/** The server of the browser tests: the site, and the proxy it calls. */

import { createFalProxy } from "fal-wasm/proxy";

const proxy = createFalProxy({
  authenticate: () => ({ id: "visitor" }),
  allowedEndpoints: ["emulator/*", "emulator/echo/realtime", "fal-ai/**"],
  realtimeTokens: true,
});

/** Gives a token as an app of its own would. @param {string} app @param {any} env */
const token = (app, { FAL_KEY }) =>
  fetch("https://rest.fal.ai/tokens/realtime", {
    method: "POST",
    headers: { authorization: `Key ${FAL_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ allowed_apps: [app], duration: 3600 }),
  });

/** Tells the emulator something, for a page: whatever a worker sends arrives there. @param {Request} request */
const control = async (request) =>
  fetch("http://127.0.0.1/__control", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: await request.text(),
  });

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/fal/proxy") return proxy(request, env, context);
    if (pathname === "/control") return control(request);
    if (pathname === "/token") return token(new URL(request.url).search.slice(1), env);
    return env.ASSETS.fetch(request);
  },
};
