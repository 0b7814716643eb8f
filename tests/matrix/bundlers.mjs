/** Bundlers, with no configuration beyond what their own templates have; what they made runs in Chromium. */

import { writeFile } from "node:fs/promises";

import { build } from "esbuild";

import { PAGE, page } from "./lib/app.mjs";

/** @type {import("./lib/kit.mjs").Cell[]} */
export default [
  {
    name: "esbuild, build",
    async run(kit) {
      const folder = await kit.consumer("esbuild", PAGE);
      await build({
        absWorkingDir: folder,
        entryPoints: ["main.js"],
        bundle: true,
        minify: true,
        format: "esm",
        outfile: `${folder}/out/main.js`,
        logLevel: "silent",
      });
      await writeFile(`${folder}/out/index.html`, page());
      const { url, stop } = await kit.serveFolder(`${folder}/out`);
      await kit.visit(url).finally(stop);
    },
  },
];
