/** Vite-based frameworks that render on a server first, as their templates have it: built and in development. */

import assert from "node:assert/strict";

import { MAIN } from "./lib/app.mjs";
import { programs } from "./lib/programs.mjs";
import { buildsIn } from "./lib/traces.mjs";

/** @typedef {import("./lib/kit.mjs").Kit} Kit */

const ASTRO = { astro: "7.3.5" };
const SVELTE = {
  "@sveltejs/kit": "3.2.0",
  "@sveltejs/adapter-node": "6.0.1",
  "@sveltejs/vite-plugin-svelte": "7.3.1",
  svelte: "5.57.3",
  vite: "8.3.8",
};

const ENV = "{ FAL_KEY: process.env.FAL_KEY }";
/** On the server: runs the scenario with a key. */
const CALL = `await scenario({ createFalClient, env: ${ENV}, emulator: process.env.EMULATOR_URL })`;

/** @param {string} place */
const importing = (place) => `import { createFalClient } from "fal-wasm";
import { scenario } from "${place}";
`;

/** A page that runs the scenario on the server for its text, and in the browser. @param {Kit} kit */
const astroApp = (kit) => ({
  "astro.config.mjs": `import { defineConfig } from "astro/config";\nexport default defineConfig({});\n`,
  "src/scenario.js": kit.scenario,
  "src/pages/index.astro": `---
${importing("../scenario.js")}
const report = ${CALL};
---
<html lang="en">
  <head><meta charset="utf-8" /><title>An app</title><link rel="icon" href="data:," /></head>
  <body>
    <pre id="report">{JSON.stringify(report)}</pre>
    <script>
${MAIN.replace("./scenario.js", "../scenario.js")}
    </script>
  </body>
</html>
`,
});

/** @param {Kit} kit */
const svelteApp = (kit) => ({
  "vite.config.js": `import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";
export default defineConfig({ plugins: [sveltekit({ adapter: adapter() })] });
`,
  "src/app.html": `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><link rel="icon" href="data:," />%sveltekit.head%</head>
  <body data-sveltekit-preload-data="hover"><div style="display: contents">%sveltekit.body%</div></body>
</html>
`,
  "src/scenario.js": kit.scenario,
  "src/routes/+page.server.js": `${importing("../scenario.js")}
export const load = async () => ({ report: JSON.stringify(${CALL}) });
`,
  // What is imported here is there on the server, too, where the component is rendered first.
  "src/routes/+page.svelte": `<script>
  import { onMount } from "svelte";
  ${importing("../scenario.js")}
  let { data } = $props();
  onMount(() => {
    const proxyUrl = new URLSearchParams(location.search).get("proxy");
    scenario({ createFalClient, proxyUrl }).then(
      (report) => (document.body.dataset.report = JSON.stringify(report)),
      (error) => (document.body.dataset.report = JSON.stringify({ error: String(error?.stack ?? error) })),
    );
  });
</script>
<pre id="report">{data.report}</pre>
`,
});

/**
 * Opens the page: the server's report is in its text, and the browser's comes.
 *
 * @param {Kit} kit @param {{ url: string, stop: () => void }} server
 */
async function visit(kit, { url, stop }) {
  try {
    const text = await (await fetch(url)).text();
    const [, report] = /<pre id="report"[^>]*>(.*?)<\/pre>/s.exec(text) ?? [];
    assert.ok(report, text);
    kit.judge(
      JSON.parse(
        report
          .replace(/<!--.*?-->/g, "")
          .replaceAll("&quot;", '"')
          .replaceAll("&#34;", '"'),
      ),
      "server",
    );
    await kit.visit(url);
  } finally {
    stop();
  }
}

/** @param {Kit} kit */
const environment = (kit) => ({ ...kit.env, EMULATOR_URL: kit.emulator.url });

/** @type {import("./lib/kit.mjs").Cell[]} */
export default [
  {
    name: "Astro, build",
    async run(kit) {
      const cwd = await kit.consumer("astro", astroApp(kit), ASTRO);
      await programs(cwd, environment(kit)).run(["astro/bin/astro.mjs", "build"]);
      assert.deepEqual(buildsIn(kit.installed, `${cwd}/dist`), ["browser"]);
      await visit(kit, await kit.serveFolder(`${cwd}/dist`));
    },
  },
  {
    name: "Astro, development",
    async run(kit) {
      const cwd = await kit.consumer("astro", astroApp(kit), ASTRO);
      const astro = programs(cwd, environment(kit));
      await visit(kit, await astro.serve((port) => ["astro/bin/astro.mjs", "dev", "--port", port]));
    },
  },
  {
    name: "SvelteKit, build",
    async run(kit) {
      const cwd = await kit.consumer("svelte", svelteApp(kit), SVELTE);
      const app = programs(cwd, environment(kit));
      await app.run(["vite/bin/vite.js", "build"]);
      assert.deepEqual(buildsIn(kit.installed, `${cwd}/build/client`), ["browser"]);
      assert.ok(!buildsIn(kit.installed, `${cwd}/build/server`).includes("browser"));
      await visit(kit, await app.serve((port) => ["../build/index.js", port]));
    },
  },
  {
    name: "SvelteKit, development",
    async run(kit) {
      const cwd = await kit.consumer("svelte", svelteApp(kit), SVELTE);
      const app = programs(cwd, environment(kit));
      await visit(kit, await app.serve((port) => ["vite/bin/vite.js", "dev", "--port", port, "--strictPort"]));
    },
  },
];
