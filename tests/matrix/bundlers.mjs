/**
 * Bundlers as their own templates set them up, or with no configuration at all where they need none. What they build and
 * what their servers of development give runs in Chromium.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";

import { MAIN, PAGE, page } from "./lib/app.mjs";
import { programs } from "./lib/programs.mjs";

const VITE = { vite: "8.3.8" };
const WEBPACK = { webpack: "5.113.0", "webpack-cli": "7.3.1", "webpack-dev-server": "6.1.0" };
const ROLLUP = { rollup: "4.68.8", "@rollup/plugin-node-resolve": "16.0.3" };
const ESBUILD = { esbuild: "0.28.2" };
const PARCEL = { parcel: "2.16.4" };
const RSPACK = { "@rspack/core": "2.3.3", "@rspack/cli": "2.2.8", "@rspack/dev-server": "2.2.2" };

/** A page that names what a bundler makes of `src/index.js`. */
const NAMES_BUNDLE = page('<script defer src="main.js"></script>');

/** The page where webpack and Rspack look for it: the program in `src`, what is served as it is in `public`. */
const wrapped = (/** @type {import("./lib/kit.mjs").Kit} */ kit) => ({
  "public/index.html": NAMES_BUNDLE,
  "src/index.js": MAIN,
  "src/scenario.js": kit.scenario,
});

/**
 * @typedef {object} Bundler
 * @property {string} name
 * @property {Record<string, string>} packages
 * @property {(kit: import("./lib/kit.mjs").Kit) => Record<string, string>} files
 * @property {[program: string, ...string[]]} build The program is a file of its packages.
 * @property {string} out Where it puts what it builds.
 * @property {string} [html] A page to put beside it.
 * @property {(port: string) => [program: string, ...string[]]} [serve]
 * @property {string} [made] What is there once its server has given the page.
 */

/** @type {Bundler[]} */
const BUNDLERS = [
  {
    name: "Vite",
    packages: VITE,
    files: () => PAGE,
    build: ["vite/bin/vite.js", "build"],
    out: "dist",
    // Dependencies are bundled beforehand, as always: nobody has opened the page before.
    serve: (port) => ["vite/bin/vite.js", "--port", port, "--strictPort"],
    made: "node_modules/.vite/deps/fal-wasm.js",
  },
  {
    name: "webpack",
    packages: WEBPACK,
    files: wrapped,
    build: ["webpack-cli/bin/cli.js", "--mode", "production"],
    out: "dist",
    html: "public/index.html",
    serve: (port) => ["webpack-cli/bin/cli.js", "serve", "--mode", "development", "--port", port],
  },
  {
    name: "Rspack",
    packages: RSPACK,
    files: wrapped,
    build: ["@rspack/cli/bin/rspack.js", "build"],
    out: "dist",
    html: "public/index.html",
    serve: (port) => ["@rspack/cli/bin/rspack.js", "serve", "--port", port],
  },
  {
    name: "Rollup",
    packages: ROLLUP,
    files: () => PAGE,
    build: ["rollup/dist/bin/rollup", "main.js", "--plugin", "node-resolve", "--file", "out/main.js"],
    out: "out",
    html: "index.html",
  },
  {
    name: "esbuild",
    packages: ESBUILD,
    files: () => PAGE,
    build: ["esbuild/bin/esbuild", "main.js", "--bundle", "--minify", "--format=esm", "--outdir=out"],
    out: "out",
    html: "index.html",
    serve: (port) => [
      "esbuild/bin/esbuild",
      ...["main.js", "--bundle", "--format=esm", "--outdir=.", "--servedir=.", "--allow-overwrite"],
      `--serve=127.0.0.1:${port}`,
    ],
  },
  {
    name: "Parcel",
    packages: PARCEL,
    files: () => PAGE,
    build: ["parcel/lib/bin.js", "build", "index.html", "--dist-dir", "out", "--no-cache"],
    out: "out",
    serve: (port) => ["parcel/lib/bin.js", "index.html", "--port", port, "--no-cache"],
  },
];

/** @param {Bundler} bundler @returns {import("./lib/kit.mjs").Cell[]} */
const cellsOf = ({ name, packages, files, build, out, html, serve, made }) => [
  {
    name: `${name}, build`,
    async run(kit) {
      const cwd = await kit.consumer(name, files(kit), packages);
      await programs(cwd).run(build);
      if (html) await copyFile(`${cwd}/${html}`, `${cwd}/${out}/index.html`);
      const { url, stop } = await kit.serveFolder(`${cwd}/${out}`);
      await kit.visit(url).finally(stop);
    },
  },
  ...(serve
    ? [
        {
          name: `${name}, development`,
          run: async (/** @type {import("./lib/kit.mjs").Kit} */ kit) => {
            const cwd = await kit.consumer(name, files(kit), packages);
            const { url, stop } = await programs(cwd).serve(serve);
            await kit.visit(url).finally(stop);
            if (made) assert.ok(existsSync(`${cwd}/${made}`), `there is no ${made}`);
          },
        },
      ]
    : []),
];

export default BUNDLERS.flatMap(cellsOf);
