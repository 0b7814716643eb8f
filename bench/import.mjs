/**
 * From the start of `import("/app.js")` to the moment when the first request leaves, in a real Chromium: with nothing in the cache and
 * with everything in it, near the server and 40 ms away. Both apps are the same file around another client, minified by esbuild and served
 * with brotli, as hosts do. When a request leaves is what the browser itself notes of it (`PerformanceResourceTiming`). Then the import
 * alone, in Node.
 */

import { createServer } from "node:http";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

import { openBrowser } from "../scripts/lib/browser.mjs";
import { path } from "../scripts/lib/run.mjs";
import { listening } from "../tests/lib/doors.mjs";
import { importInNode } from "./lib/import-in-node.mjs";
import { ROUND_TRIP_MS, startRelay } from "./lib/relay.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate } from "./lib/stats.mjs";

/** Chromium keeps compiled code of what was run a few times. */
const WARMING = 4;

/** With these a page's clock is as fine as it gets. */
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** @param {string} side */
async function bundled(side) {
  const { outputFiles } = await build({
    entryPoints: [path("bench/apps", `import-${side}.js`)],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  return /** @type {any} */ (outputFiles[0]).contents;
}

/** A site with the two apps, and a proxy that answers anything. @param {{ ours: Uint8Array, theirs: Uint8Array }} bundles */
async function openSite({ ours, theirs }) {
  const apps = { "/ours.js": brotliCompressSync(ours), "/theirs.js": brotliCompressSync(theirs) };
  const server = createServer((request, response) => {
    request.resume();
    const [pathname = ""] = (request.url ?? "").split("?");
    const app = apps[/** @type {keyof typeof apps} */ (pathname)];
    if (app) {
      response.writeHead(200, {
        ...ISOLATED,
        "content-type": "text/javascript",
        "content-encoding": "br",
        "cache-control": "public, max-age=31536000, immutable",
      });
      return response.end(app);
    }
    if (pathname === "/proxy") return response.setHeader("content-type", "application/json").end("{}");
    response.writeHead(200, { ...ISOLATED, "content-type": "text/html" });
    response.end("<!doctype html><link rel=icon href=data:,><title>app</title>");
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}`, stop: () => (server.closeAllConnections(), server.close()) };
}

/** Runs in the page. @param {string} app */
async function firstRequest(app) {
  const began = performance.now();
  const { go } = await import(app);
  await go();
  const entry = performance.getEntriesByName(`${location.origin}/proxy`)[0];
  return (entry?.startTime ?? NaN) - began;
}

/** @param {{ quick: boolean }} options */
export async function bench({ quick }) {
  const bundles = { ours: await bundled("ours"), theirs: await bundled("theirs") };
  const inNode = await importInNode(bundles, { quick });
  const site = await openSite(bundles);
  const relay = await startRelay(site.url, { roundTripMs: ROUND_TRIP_MS });
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  let fresh = 0;
  /** @param {string} url @param {string} side @param {boolean} isCold */
  const once = (url, side, isCold) => async () => {
    await page.goto(url);
    return page.evaluate(firstRequest, `/${side}.js${isCold ? `?${(fresh += 1)}` : ""}`);
  };
  const rows = [];
  try {
    for (const [url, distance] of /** @type {const} */ ([
      [site.url, "near"],
      [relay.url, `${ROUND_TRIP_MS} ms away`],
    ])) {
      for (const isCold of [true, false]) {
        const sides = { ours: once(url, "ours", isCold), theirs: once(url, "theirs", isCold) };
        const samples = await alternate(sides, { rounds: quick ? 1 : 25, warm: isCold || quick ? 1 : WARMING });
        const what = `1. import to first request, ${isCold ? "cold" : "warm"}, ${distance}`;
        rows.push(rowOf(what, "ms", samples, { most: isCold ? 0.9 : 1 }));
      }
    }
    return [...rows, ...inNode];
  } finally {
    await browser.close();
    relay.stop();
    site.stop();
  }
}
