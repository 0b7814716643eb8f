/** Next.js with either of its bundlers, built and in development: a client component, a server component, and routes. */

import assert from "node:assert/strict";

import { PATIENCE, compiled } from "../lib/served.mjs";
import { programs } from "./lib/programs.mjs";
import { buildsIn } from "./lib/traces.mjs";

/** @typedef {import("./lib/kit.mjs").Kit} Kit */

const NEXT = { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" };
const PROGRAM = "next/dist/bin/next";

const IMPORTS = `import { createFalClient } from "fal-wasm";
import { scenario } from "SCENARIO";
`;
const importing = (/** @type {string} */ place) => IMPORTS.replace("SCENARIO", place);

const LAYOUT = `export default ({ children }) => (
  <html lang="en">
    <body>{children}</body>
  </html>
);
`;

/** What is imported above is there on the server, too, where the component is rendered first. */
const CLIENT = `"use client";
import { useEffect } from "react";
${importing("../scenario")}
export default function Page() {
  useEffect(() => {
    const proxyUrl = new URLSearchParams(location.search).get("proxy");
    scenario({ createFalClient, proxyUrl }).then(
      (report) => (document.body.dataset.report = JSON.stringify(report)),
      (error) => (document.body.dataset.report = JSON.stringify({ error: String(error?.stack ?? error) })),
    );
  }, []);
  return <p>A page</p>;
}
`;

const CALL = `scenario({ createFalClient, env: { FAL_KEY: process.env.FAL_KEY }, emulator: process.env.EMULATOR_URL })`;

const SERVER = `${importing("../../scenario")}
export const dynamic = "force-dynamic";
export default async () => <pre id="report">{JSON.stringify(await ${CALL})}</pre>;
`;

const ROUTE = `${importing("../../scenario")}
export const dynamic = "force-dynamic";
export const GET = async () => Response.json(await ${CALL});
`;

const EDGE = ROUTE.replace("export const dynamic", 'export const runtime = "edge";\nexport const dynamic');

const PAGES_EDGE = `${importing("../../scenario")}
export const config = { runtime: "edge" };
export default async () => Response.json(await ${CALL});
`;

/** @typedef {"Turbopack" | "webpack"} Bundler */

const FILES = {
  // Without a type, as in Next.js's own template: with "module" and webpack it builds no edge route, not even an empty one.
  "package.json": "{}",
  "app/layout.js": LAYOUT,
  "app/page.js": CLIENT,
  "app/server/page.js": SERVER,
  "app/route/route.js": ROUTE,
  "app/edge/route.js": EDGE,
  "pages/api/edge.js": PAGES_EDGE,
};

/** @param {Kit} kit @param {Bundler} bundler @param {boolean} built */
const started = (kit, bundler, built) =>
  kit.shared(`Next.js, ${bundler}, ${built}`, async () => {
    const cwd = await kit.consumer("next", { ...FILES, "scenario.js": kit.scenario }, NEXT);
    const next = programs(cwd, { ...kit.env, EMULATOR_URL: kit.emulator.url });
    const flag = `--${bundler.toLowerCase()}`;
    if (built) await next.run([PROGRAM, "build", flag]);
    const start = () => next.serve((port) => [PROGRAM, ...(built ? ["start"] : ["dev", flag]), "--port", port]);
    const pages = built ? [] : ["/", ...ON_SERVER.map(([, page]) => page)];
    const served = await compiled(start, pages);
    return { ...served, cwd };
  });

/** The report in what a server answers. @param {string} url */
async function reportAt(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
  const text = await answer.text();
  assert.equal(answer.status, 200, text.slice(0, 2000));
  const shown = /<pre id="report">(.*?)<\/pre>/.exec(text)?.[1].replaceAll("&quot;", '"');
  return JSON.parse(shown ?? text);
}

/** @type {[name: string, path: string][]} */
const ON_SERVER = [
  ["server component", "/server"],
  ["route handler", "/route"],
  ["edge route", "/edge"],
  ["edge API route", "/api/edge"],
];

/** @param {Bundler} bundler @param {boolean} built @returns {import("./lib/kit.mjs").Cell[]} */
function cellsOf(bundler, built) {
  const name = `Next.js, ${bundler}, ${built ? "build" : "development"}`;
  return [
    {
      name: `${name}: client component`,
      run: async (kit) => kit.visit((await started(kit, bundler, built)).url),
    },
    ...ON_SERVER.map(([what, path]) => ({
      name: `${name}: ${what}`,
      run: async (/** @type {Kit} */ kit) => {
        kit.judge(await reportAt((await started(kit, bundler, built)).url + path), "server");
      },
    })),
    ...(built ? [whatIsWhere(name, bundler)] : []),
  ];
}

/** What is rendered on the server is the edge build's business, and nothing of that comes to a browser. @param {string} name @param {Bundler} bundler */
const whatIsWhere = (name, bundler) => ({
  name: `${name}: each side has its build and not the other's`,
  async run(/** @type {Kit} */ kit) {
    const { cwd } = await started(kit, bundler, true);
    assert.deepEqual(buildsIn(kit.installed, `${cwd}/.next/static`), ["browser"]);
    assert.deepEqual(buildsIn(kit.installed, `${cwd}/.next/server`), ["edge"]);
  },
});

const APPS = [
  cellsOf("Turbopack", true),
  cellsOf("webpack", true),
  cellsOf("Turbopack", false),
  cellsOf("webpack", false),
];

/** First what each of them begins with, so that none waits for what another makes. */
export default APPS[0].flatMap((_, place) => APPS.flatMap((cells) => cells[place] ?? []));
