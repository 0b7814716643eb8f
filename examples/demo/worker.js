/**
 * The demo's server, a Cloudflare Worker: the page, and the proxy that the page calls.
 *
 * The fal key is a binding (`FAL_KEY`). It is used here and nowhere else.
 */

import { POLICY, proxy, visitorOf } from "./proxy.js";

/** Another name for this machine would be another page's way in: leave this out where your worker has a name. */
const LOCAL = ["127.0.0.1", "localhost"];

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  async fetch(request, env, context) {
    const { hostname, pathname } = new URL(request.url);
    if (!LOCAL.includes(hostname)) return new Response("This demo is for the machine it runs on.", { status: 421 });
    if (pathname === "/api/fal/proxy") return proxy(request, env, context);
    if (pathname === "/api/session") return session(request, env);
    return page(await env.ASSETS.fetch(request), env);
  },
};

/** Gives a visitor a name, and tells the page what it is connected to, and what is open to it. @param {Request} request @param {any} env */
function session(request, env) {
  const visitor = visitorOf(request) || crypto.randomUUID();
  const headers = {
    "cache-control": "no-store",
    "set-cookie": `visitor=${visitor}; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400`,
  };
  return Response.json({ backend: env.BACKEND, sockets: env.SOCKETS, policy: POLICY }, { headers });
}

/** The page may run its own scripts and the WebAssembly in them, and talk to itself and to fal's storage and sockets. @param {Response} response @param {any} env */
function page(response, env) {
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    `img-src 'self' blob: ${env.STORAGE}`,
    `connect-src 'self' ${env.STORAGE} ${env.SOCKETS}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  const headers = new Headers(response.headers);
  headers.set("content-security-policy", policy.join("; "));
  headers.set("referrer-policy", "no-referrer");
  headers.set("x-content-type-options", "nosniff");
  return new Response(response.body, { status: response.status, headers });
}
