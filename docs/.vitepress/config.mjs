/** The site: `npm run docs` builds it into target/docs, which any static host takes. */

import { fileURLToPath } from "node:url";

/** @param {string} place */
const dist = (place) => fileURLToPath(new URL(`../../dist/${place}`, import.meta.url));

/** @param {string} text @param {string} link */
const page = (text, link) => ({ text, link });

/** @type {import("vitepress").UserConfig} */
export default {
  title: "fal-wasm",
  description: "A fal.ai client that holds no key in a browser, and the proxy and worker that hold it instead.",
  base: process.env.DOCS_BASE ?? "/",
  cleanUrls: true,
  markdown: { theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" } },
  head: [["link", { rel: "icon", href: `${process.env.DOCS_BASE ?? "/"}favicon.svg` }]],
  outDir: "../target/docs",
  cacheDir: "../target/docs-cache",
  // The playground is a page like those of an app that has installed the package.
  vite: { resolve: { alias: { "fal-wasm/store": dist("shared/store.js"), "fal-wasm": dist("browser/index.js") } } },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      page("Quickstart", "/quickstart/nextjs"),
      page("Guide", "/guide/client"),
      page("Errors", "/reference/errors"),
      page("Playground", "/playground/"),
    ],
    sidebar: [
      {
        text: "Quickstart",
        items: [
          page("Next.js", "/quickstart/nextjs"),
          page("Vite", "/quickstart/vite"),
          page("Cloudflare Workers", "/quickstart/workers"),
          page("SvelteKit", "/quickstart/sveltekit"),
          page("Express", "/quickstart/express"),
        ],
      },
      {
        text: "The client",
        items: [
          page("Calls", "/guide/client"),
          page("Files", "/guide/files"),
          page("Streams", "/guide/streams"),
          page("Realtime", "/guide/realtime"),
          page("React, Vue and Svelte", "/guide/components"),
          page("On a server", "/guide/server"),
          page("Types of models", "/guide/types"),
          page("AI SDK", "/guide/ai-sdk"),
        ],
      },
      {
        text: "The proxy",
        items: [
          page("Set up", "/guide/proxy"),
          page("Rules and limits", "/guide/limits"),
          page("Grants", "/guide/grants"),
          page("Visitors with their own key", "/guide/own-keys"),
          page("Other origins", "/guide/origins"),
          page("What it tells you", "/guide/operating"),
        ],
      },
      {
        text: "Around it",
        items: [
          page("Webhooks", "/guide/webhooks"),
          page("Models, usage, keys", "/guide/platform"),
          page("Development and tests", "/guide/testing"),
          page("Keys in a browser", "/guide/keys"),
          page("Moving from @fal-ai/client", "/guide/migrating"),
        ],
      },
      {
        text: "Reference",
        items: [
          page("Errors", "/reference/errors"),
          page("Features, compared", "/reference/features"),
          page("Where it runs", "/reference/places"),
          page("For Rust", "/reference/rust"),
        ],
      },
    ],
  },
};
