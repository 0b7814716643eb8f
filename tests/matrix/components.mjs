/** The components of `examples/`: built, in development, and rendered on a server, as somebody has them who followed their READMEs. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path, run as runProgram } from "../../scripts/lib/run.mjs";
import { files } from "../../scripts/lib/stamp.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS } from "../lib/keys.mjs";
import { programs } from "./lib/programs.mjs";

/** @typedef {import("./lib/kit.mjs").Kit} Kit */
/** @typedef {import("playwright-core").Page} Page */

const VITE = { vite: "8.3.8" };

/**
 * `leave`: a program of the page that mounts the component and can take it away. `render`: one that renders it on a server.
 *
 * @typedef {{ name: string, packages: Record<string, string>, leave: string, render: string }} Framework
 * @type {Framework[]}
 */
const FRAMEWORKS = [
  {
    name: "React",
    packages: { ...VITE, "@vitejs/plugin-react": "6.3.0", react: "19.3.1", "react-dom": "19.3.1" },
    leave: `import { StrictMode, createElement } from "react";
import { createRoot } from "react-dom/client";
import { Picture } from "./Picture.jsx";
const root = createRoot(document.getElementById("app"));
root.render(createElement(StrictMode, null, createElement(Picture)));
globalThis.leave = () => root.unmount();`,
    render: `import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { Picture } from "./Picture.jsx";
console.log(renderToString(createElement(Picture)));`,
  },
  {
    name: "Vue",
    packages: { ...VITE, "@vitejs/plugin-vue": "6.0.11", vue: "3.5.45" },
    leave: `import { createApp } from "vue";
import Picture from "./Picture.vue";
const app = createApp(Picture);
app.mount("#app");
globalThis.leave = () => app.unmount();`,
    render: `import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import Picture from "./Picture.vue";
console.log(await renderToString(createSSRApp(Picture)));`,
  },
  {
    name: "Svelte",
    packages: { ...VITE, "@sveltejs/vite-plugin-svelte": "7.3.1", svelte: "5.57.3" },
    leave: `import { mount, unmount } from "svelte";
import Picture from "./Picture.svelte";
const picture = mount(Picture, { target: document.getElementById("app") });
globalThis.leave = () => unmount(picture);`,
    render: `import { render } from "svelte/server";
import Picture from "./Picture.svelte";
console.log(render(Picture).body);`,
  },
];

/** The example, installed. @param {Kit} kit @param {Framework} framework @param {Record<string, string>} [more] */
function exampleOf(kit, { name, packages }, more = {}) {
  const folder = path("examples", name.toLowerCase());
  const own = files(folder).map((file) => [file.slice(folder.length + 1), readFileSync(file, "utf8")]);
  return kit.consumer(name, { ...Object.fromEntries(own), ...more }, packages);
}

/**
 * Opens a page of an app whose server has an emulator of its own behind it.
 *
 * @param {Kit} kit @param {string} cwd @param {string[]} args @param {string} place
 * @param {(page: Page, emulator: Awaited<ReturnType<typeof startEmulator>>) => Promise<unknown>} use
 */
async function visit(kit, cwd, args, place, use) {
  const emulator = await startEmulator({ keys: ACCOUNTS });
  const NODE_OPTIONS = `--import=${new URL("../lib/redirect.mjs", import.meta.url)}`;
  const env = { ...kit.env, EMULATOR: emulator.url, NODE_OPTIONS };
  const { url, stop } = await programs(cwd, env).serve((port) => ["vite/bin/vite.js", ...args, "--port", port]);
  const page = await (await kit.browser()).context.newPage();
  page.setDefaultTimeout(20_000);
  try {
    /** @type {Error[]} */
    const broken = [];
    page.on("pageerror", (error) => broken.push(error));
    await page.goto(url + place);
    await use(page, emulator);
    assert.deepEqual(broken, []);
  } finally {
    await page.close();
    stop();
    emulator.stop();
  }
}

/** @param {Page} page @param {RegExp} words */
const status = (page, words) => page.getByRole("status").filter({ hasText: words }).waitFor();

/** @param {Page} page */
const start = (page) => page.getByRole("button", { name: "Make a picture" }).click();

/** Cancelled, at fal. @param {Awaited<ReturnType<typeof startEmulator>>} emulator */
const isCancelled = async (emulator) => (await emulator.seen()).jobs.at(-1).error_type === "client_cancelled";

/** @param {Page} page @param {Awaited<ReturnType<typeof startEmulator>>} emulator */
async function everything(page, emulator) {
  // Time goes on when it is told to: nothing is missed that is shown for a moment.
  const later = (/** @type {number} */ seconds) => emulator.control({ advance_ms: seconds * 1_000 });
  await emulator.control({ clock: "manual", queue: { ahead: 2, step_ms: 1_000, run_ms: 4_000 } });
  await start(page);
  await status(page, /In the queue, 2 before you/);
  await later(1);
  await status(page, /In the queue, 1 before you/);
  await later(1);
  await status(page, /In progress/);
  await later(2);
  await page.locator("pre").filter({ hasText: /50%/ }).waitFor();
  await later(2);
  const picture = page.locator("img");
  await picture.waitFor();
  const width = await picture.evaluate(async (/** @type {HTMLImageElement} */ image) => {
    await image.decode();
    return image.naturalWidth;
  });
  assert.ok(width > 0);
  assert.equal(await page.getByRole("status").count(), 0, "it is over");

  await start(page);
  await status(page, /In the queue, 2 before you/);
  assert.equal(await picture.count(), 0, "the old picture is gone");
  await later(2);
  await status(page, /In progress/);
  await page.getByRole("button", { name: "Cancel" }).click();
  await status(page, /Cancelled/);
  assert.equal(await page.getByRole("alert").count(), 0, "that is no failure");
  await until(() => isCancelled(emulator));

  await start(page);
  await status(page, /In the queue, 2 before you/);
  const bought = (await emulator.seen()).jobs.length;
  await page.reload();
  await status(page, /In the queue, 2 before you/);
  await later(6);
  await picture.waitFor();
  assert.equal((await emulator.seen()).jobs.length, bought, "a reload buys nothing");
  await page.reload();
  await page.getByRole("button", { name: "Make a picture" }).waitFor();
  assert.equal(await page.getByRole("status").count(), 0, "what was shown is over");

  await emulator.control({ access: { locked: "balance" } });
  await start(page);
  await page
    .getByRole("alert")
    .filter({ hasText: /fal-ai\/flux\/dev was answered with 50\d/ })
    .waitFor();
}

/** @param {Page} page @param {Awaited<ReturnType<typeof startEmulator>>} emulator */
async function leaving(page, emulator) {
  await emulator.control({ queue: { ahead: 0, run_ms: 60_000 } });
  await start(page);
  await status(page, /In progress/);
  await page.evaluate(() => /** @type {any} */ (globalThis).leave());
  assert.equal(await page.locator("form").count(), 0);
  await until(() => isCancelled(emulator));
}

/** A page of components in React's strict mode, which mounts each twice: shown one at a time, by its name. */
const STRICT = `import { StrictMode, createElement, startTransition, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { useFal } from "fal-wasm/react";
import { fal } from "./fal.js";
const own = (options) => useFal(fal, "fal-ai/flux/dev", { resume: "strict", ...options });
const said = ({ status }) => createElement("p", { role: "status" }, status);
const components = {
  nothing: () => null,
  effect() {
    const call = own();
    useEffect(() => void call.run({ prompt: "a cat" }), []);
    return said(call);
  },
  cleaned() {
    const call = own();
    useEffect(() => {
      call.run({ prompt: "a dog" });
      return () => void call.cancel();
    }, []);
    return said(call);
  },
  kept: () => said(own({ unmount: "keep" })),
};
function App() {
  const [name, show] = useState("nothing");
  globalThis.show = (next) => startTransition(() => show(next));
  return createElement(components[name], { key: name });
}
createRoot(document.getElementById("app")).render(createElement(StrictMode, null, createElement(App)));
`;

/** @param {Page} page @param {Awaited<ReturnType<typeof startEmulator>>} emulator */
async function strictly(page, emulator) {
  const show = (/** @type {string} */ name) =>
    page.evaluate((name) => /** @type {any} */ (globalThis).show(name), name);
  const jobs = async () => (await emulator.seen()).jobs;
  await emulator.control({ clock: "manual", queue: { ahead: 1, step_ms: 1_000, run_ms: 4_000 } });
  for (const [at, name] of ["effect", "cleaned"].entries()) {
    await show(name);
    await status(page, /in_queue/);
    assert.equal((await jobs()).length, at + 1, `${name}: mounted twice, bought once`);
    await show("nothing");
    await until(() => isCancelled(emulator));
  }
  await show("effect");
  await status(page, /in_queue/);
  await page.reload();
  await page.waitForFunction(() => "show" in globalThis);
  await show("kept");
  await status(page, /in_queue/);
  await show("nothing");
  await page.getByRole("status").waitFor({ state: "detached" });
  await emulator.control({ advance_ms: 6_000 });
  await show("kept");
  await status(page, /completed/);
  assert.deepEqual([(await jobs()).length, await isCancelled(emulator)], [3, false]);
}

/** The WebAssembly of a build, as it stands in its module. @param {Kit} kit @param {string} build */
const wasmOf = (kit, build) => {
  const lines = readFileSync(`${kit.installed}/dist/${build}/wasm.js`, "utf8").split("\n");
  return lines.sort((a, b) => b.length - a.length)[0].slice(100, 600);
};

/** Renders a component on Node. @param {Kit} kit @param {Framework} framework @param {string} [config] More of Vite's configuration. */
async function rendered(kit, framework, config = "") {
  const cwd = await exampleOf(kit, framework, {
    "src/render.js": framework.render,
    "vite.server.js": `import own from "./vite.config.js";\nexport default { ...own, ${config} };`,
  });
  const { run } = programs(cwd);
  await run(["vite/bin/vite.js", "build", "--config", "vite.server.js", "--ssr", "src/render.js"]);
  const [bundle] = files(`${cwd}/dist`);
  const said = (
    await runProgram(process.execPath, ["--import", `${new URL("../lib/loaded.mjs", import.meta.url)}`, bundle], {
      cwd,
      quiet: true,
    })
  ).split("\n");
  const loaded = said.filter((line) => line.startsWith("loaded "));
  assert.match(said.filter((line) => !line.startsWith("loaded ")).join("\n"), /<form.*Make a picture/s);
  return { loaded, code: readFileSync(bundle, "utf8") };
}

/** @param {Framework} framework @returns {import("./lib/kit.mjs").Cell[]} */
const cellsOf = (framework) => [
  {
    name: `${framework.name}, build: progress, cancel, errors`,
    async run(kit) {
      const cwd = await exampleOf(kit, framework);
      await programs(cwd).run(["vite/bin/vite.js", "build"]);
      await visit(kit, cwd, ["preview"], "/", everything);
    },
  },
  {
    name: `${framework.name}, development: leaving the component cancels`,
    async run(kit) {
      const html = readFileSync(path("examples", framework.name.toLowerCase(), "index.html"), "utf8");
      const leave = html.replace(/src\/main\.jsx?/, "src/leave.js");
      const cwd = await exampleOf(kit, framework, { "leave.html": leave, "src/leave.js": framework.leave });
      await visit(kit, cwd, [], "/leave.html", leaving);
    },
  },
  {
    name: `${framework.name}, rendered on a server: the browser's WebAssembly stays out`,
    async run(kit) {
      const { loaded } = await rendered(kit, framework);
      assert.ok(loaded.some((url) => url.endsWith("/fal-wasm/dist/edge/index.js")));
      assert.ok(!loaded.some((url) => url.includes("/fal-wasm/dist/browser/")));
    },
  },
  {
    name: `${framework.name}, rendered on a server from one bundle: the browser's WebAssembly stays out`,
    async run(kit) {
      const { loaded, code } = await rendered(kit, framework, "ssr: { noExternal: true }");
      assert.ok(!loaded.some((url) => url.includes("/node_modules/")));
      assert.ok(code.includes(wasmOf(kit, "edge")));
      assert.ok(!code.includes(wasmOf(kit, "browser")));
    },
  },
];

/** @type {import("./lib/kit.mjs").Cell} */
const strict = {
  name: "React, development, strict mode: an effect buys once, and what is kept is found again",
  async run(kit) {
    const react = /** @type {Framework} */ (FRAMEWORKS[0]);
    const html = readFileSync(path("examples/react/index.html"), "utf8").replace("src/main.jsx", "src/strict.js");
    const cwd = await exampleOf(kit, react, { "strict.html": html, "src/strict.js": STRICT });
    await visit(kit, cwd, [], "/strict.html", strictly);
  },
};

export default [...FRAMEWORKS.flatMap(cellsOf), strict];
