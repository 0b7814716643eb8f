/** The site on a static host, which has it below a path, as many do. */

import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";

import { SITE } from "../../scripts/docs.mjs";

/** Where the site is on its host. */
export const BASE = "/fal-wasm/";

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
});

/** Starts it: `a` is `a.html`. */
export async function startHost() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://localhost");
    const place = pathname.startsWith(BASE) ? `${SITE}/${pathname.slice(BASE.length)}` : "";
    const file = [place, `${place}.html`, `${place}index.html`].find((file) => extname(file) && existsSync(file));
    response.writeHead(file ? 200 : 404, { "content-type": TYPES[extname(file ?? "")] ?? "application/octet-stream" });
    response.end(file && readFileSync(file));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const origin = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
  return {
    origin,
    url: `${origin}${BASE}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
