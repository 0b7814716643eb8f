/** The app of the matrix: a page and a program, as small as they come. */

import { scenario } from "./consumer.mjs";

/** Runs the scenario, and leaves its report in the page. */
export const MAIN = `import { createFalClient } from "fal-wasm";
import { scenario } from "./scenario.js";

const proxyUrl = new URLSearchParams(location.search).get("proxy");
scenario({ createFalClient, proxyUrl }).then(
  (report) => (document.body.dataset.report = JSON.stringify(report)),
  (error) => (document.body.dataset.report = JSON.stringify({ error: String(error?.stack ?? error) })),
);
`;

/** @param {string} [script] How the page names its program. @param {string} [head] */
export const page = (script = '<script type="module" src="./main.js"></script>', head = "") => `<!doctype html>
<html>
  <head>
    <meta charset="utf-8" />
    <title>An app</title>
    <link rel="icon" href="data:," />
    ${head}
  </head>
  <body>
    ${script}
  </body>
</html>
`;

/** For a server: runs the scenario with a key from the environment, and prints its report. */
export const PROGRAM = `import { createFalClient } from "fal-wasm";
import { scenario } from "./scenario.js";

const { FAL_KEY, EMULATOR_URL } = globalThis.Deno ? Deno.env.toObject() : process.env;
scenario({ createFalClient, env: { FAL_KEY }, emulator: EMULATOR_URL }).then((report) => console.log(JSON.stringify(report)));
`;

/** The same, as a worker that answers with it. */
export const WORKER = `import { createFalClient } from "fal-wasm";
import { scenario } from "./scenario.js";

export default {
  fetch: async (request, { FAL_KEY, EMULATOR_URL }) =>
    Response.json(await scenario({ createFalClient, env: { FAL_KEY }, emulator: EMULATOR_URL })),
};
`;

/** The files of the page. */
export const PAGE = { "index.html": page(), "main.js": MAIN, "scenario.js": scenario };
