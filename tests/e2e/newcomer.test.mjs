/**
 * A newcomer, who has Node and nothing else: `npm create`, the packages as they are published, `fal-wasm init`, `fal-wasm dev`, and
 * a picture in Chromium. The only lines written by hand are those that make the page ask for one.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { openBrowser } from "../../scripts/lib/browser.mjs";
import { emulatorPackage } from "../../scripts/lib/emulator-package.mjs";
import { path, run, which } from "../../scripts/lib/run.mjs";
import { runtimes } from "../../scripts/lib/setup.mjs";
import { serve } from "../lib/examples.mjs";
import { compiled } from "../lib/served.mjs";

/** What `npm create` makes an app with. */
const VITE = "vite@9.3.0";
const NEXT = "next-app@16.4.3";
const WORKERS = "cloudflare@2.74.0";

/** Outside of the repository, whose packages no app shall find. */
const place = mkdtempSync(join(tmpdir(), "newcomer-"));
after(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));

// Some of these programs want a newer Node than the package does.
const { node } = await runtimes();
const npmCli = process.env.npm_execpath ?? realpathSync(which("npm") ?? "npm");
const env = {
  PATH: dirname(node) + delimiter + process.env.PATH,
  npm_config_yes: "true",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_cache: path("target/npm-cache"),
  NEXT_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  NO_COLOR: "1",
};
const npm = (/** @type {string} */ cwd, /** @type {string[]} */ ...args) =>
  run(node, [npmCli, ...args], { cwd, quiet: true, env, deadline: 240_000 });

/** @type {string[]} */
let tarballs = [];
before(async () => {
  for (const folder of [path("."), await emulatorPackage()])
    await npm(folder, "pack", "--ignore-scripts", "--pack-destination", place);
  tarballs = readdirSync(place).map((file) => join(place, file));
});

/** Seconds of processor time that all programs have taken which this process has started and which have ended. */
function machineTime() {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
const isMeasured = process.platform === "linux";

/** Waits for a program to end. @param {import("node:child_process").ChildProcess} child */
const ended = (child) => new Promise((done) => child.once("close", done));

/** `fal-wasm dev`, on any port: the address in the file of the key is made true. @param {string} cwd @param {string} file */
async function emulator(cwd, file) {
  const cli = `${cwd}/node_modules/fal-wasm/dist/cli/main.js`;
  const child = spawn(node, [cli, "dev", "--port", "0"], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const said = await new Promise((done, failed) => {
    child.stdout.once("data", (chunk) => done(String(chunk)));
    child.once("close", (code) => failed(new Error(`fal-wasm dev ended (${code}).`)));
  });
  const [, port = ""] = /FAL_BASE_URL=http:\/\/127\.0\.0\.1:(\d+)/.exec(said) ?? [];
  assert.ok(port, said);
  writeFileSync(`${cwd}/${file}`, readFileSync(`${cwd}/${file}`, "utf8").replace(":8787", `:${port}`));
  return () => (child.kill(), ended(child));
}

/**
 * Makes an app, and looks at it.
 *
 * @param {string} name
 * @param {{ create: string[], file: string, write: (cwd: string) => void, start: [script: string, ...args: string[]], page?: string }} how
 *   `file` holds the key; `write` is what is done by hand.
 */
async function newcomer(name, { create, file, write, start: [script, ...args], page: at = "/" }) {
  const began = { machine: isMeasured ? machineTime() : 0, clock: Date.now() };
  const [initializer = "", ...options] = create;
  await npm(place, "create", initializer, name, "--", ...options);
  const cwd = join(place, name);
  await npm(cwd, "install", ...tarballs);
  const said = await npm(cwd, "exec", "--", "fal-wasm", "init", "--emulator", "--yes");
  assert.match(said, /What is left:/);
  write(cwd);
  const stop = await emulator(cwd, file);
  const served = await compiled(() => serve(node, [`${cwd}/node_modules/${script}`, ...args], { cwd, env }), [at]);
  const { context, close } = await openBrowser();
  try {
    const page = await context.newPage();
    // Next.js serves what it has for development to that name only.
    await page.goto(served.url.replace("127.0.0.1", "localhost") + at);
    const picture = page.locator("#fal").first();
    await picture.waitFor();
    const width = await picture.evaluate((/** @type {any} */ image) => image.decode().then(() => image.naturalWidth));
    assert.equal(width, 1024);
  } finally {
    await close();
    served.stop();
    await stop();
  }
  const took = isMeasured ? machineTime() - began.machine : 0;
  console.log(
    `${name}: ${took.toFixed(1)} s of machine time, ${((Date.now() - began.clock) / 1000).toFixed(1)} s in all`,
  );
  assert.ok(took < 60, `${took} s of machine time`);
}

/** What a page does to show a picture. @param {string} from Where the client is. */
const shows = (from) =>
  `import("${from}").then(async ({ fal }) => document.body.append(Object.assign(new Image(), { id: "fal", src: (await fal.run("fal-ai/flux/schnell", { input: { prompt: "a cat in the rain" } })).data.images[0].url })));\n`;

/** Adds text to a file. @param {string} file @param {(text: string) => string} change */
const edit = (file, change) => writeFileSync(file, change(readFileSync(file, "utf8")));

test("Vite", () =>
  newcomer("vite", {
    create: [VITE, "--template", "vanilla-ts", "--no-interactive"],
    file: ".env.local",
    write: (cwd) => edit(`${cwd}/src/main.ts`, (text) => text + shows("./fal")),
    start: ["vite/bin/vite.js", "--host", "127.0.0.1", "--port", "0"],
  }));

test("Next.js", () =>
  newcomer("next", {
    create: [
      NEXT,
      "--yes",
      "--js",
      "--app",
      "--no-src-dir",
      "--no-eslint",
      "--no-tailwind",
      "--disable-git",
      "--skip-install",
    ],
    file: ".env.local",
    write: (cwd) => {
      mkdirSync(`${cwd}/app/picture`);
      const effect = `useEffect(() => void ${shows("../../lib/fal").trim().replace(/;$/, "")}, []);`;
      writeFileSync(
        `${cwd}/app/picture/page.js`,
        `"use client";\nimport { useEffect } from "react";\nexport default function Page() { ${effect} }\n`,
      );
    },
    start: ["next/dist/bin/next", "dev", "--port", "0"],
    page: "/picture",
  }));

test("Workers", () =>
  newcomer("workers", {
    create: [
      WORKERS,
      "--category",
      "hello-world",
      "--type",
      "hello-world-with-assets",
      "--lang",
      "js",
      "--no-deploy",
      "--no-git",
      "--no-open",
      "--no-agents",
    ],
    file: ".dev.vars",
    write: (cwd) =>
      edit(`${cwd}/public/index.html`, (text) => `${text}<script type="module">${shows("./fal.js")}</script>\n`),
    start: ["wrangler/bin/wrangler.js", "dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"],
  }));
