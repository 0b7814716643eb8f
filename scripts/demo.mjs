/**
 * `npm run demo`: the page, the worker with the proxy, and the emulator behind it. With FAL_KEY set, fal itself.
 *
 * `npm run demo -- --once` does what a person would, in a real browser, and prints one line of JSON.
 */

import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { build } from "./build.mjs";
import { UserError, say, script } from "./lib/run.mjs";
import { chromium } from "./lib/setup.mjs";
import { formsOf, isSeen } from "./lib/sightings.mjs";

/** What was asked for. Every option is a text, `once` a flag. */
function readOptions() {
  const text = /** @type {const} */ ({ type: "string" });
  const options = {
    once: /** @type {const} */ ({ type: "boolean" }),
    prompt: text,
    out: text,
    image: text,
    model: text,
    port: text,
  };
  try {
    const { values } = parseArgs({ options });
    const { port = "0", image } = values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new Error(`--port ${port} is not a port.`);
    if (image !== undefined && !existsSync(image)) throw new Error(`--image ${image} does not exist.`);
    return values;
  } catch (error) {
    const usage = "npm run demo -- [--port N] [--once [--prompt TEXT] [--model ID] [--image FILE] [--out FILE]]";
    throw new UserError(`${/** @type {Error} */ (error).message}\nUsage: ${usage}`);
  }
}

/**
 * Does what a person would.
 *
 * @param {Awaited<ReturnType<typeof import("./lib/demo.mjs").startDemo>>} demo
 * @param {ReturnType<typeof readOptions>} options
 */
async function once(demo, { prompt = "A lighthouse by the sea at dusk", out, image, model }) {
  const { openBrowser, watch } = await import("./lib/browser.mjs");
  const { context, close } = await openBrowser();
  try {
    const seen = watch(context);
    const page = await context.newPage();
    await page.goto(demo.url);
    await page.locator('body[data-state="ready"]').waitFor();
    const endpoint = model ?? (image ? "fal-ai/flux/dev/image-to-image" : "fal-ai/flux/schnell");
    await page.locator("#prompt").fill(prompt);
    await page.locator("#model").selectOption(endpoint);
    if (image) await page.locator("#picture").setInputFiles(resolve(image));
    await page.locator("#generate").click();
    await page.locator('body[data-state="done"], body[data-state="failed"]').waitFor({ timeout: 600_000 });
    const outcome = JSON.parse((await page.locator("body").getAttribute("data-outcome")) ?? "{}");
    const keySeenInBrowser = isSeen(await seen.all(), formsOf(demo.key));
    if (outcome.url && out) writeFileSync(resolve(out), await (await context.request.get(outcome.url)).body());
    console.log(JSON.stringify({ ...outcome, keySeenInBrowser }));
    if (!outcome.url || keySeenInBrowser) process.exitCode = 1;
  } finally {
    await close();
  }
}

await script(async () => {
  const options = readOptions();
  await build();
  if (options.once) await chromium();
  const { startDemo } = await import("./lib/demo.mjs");
  const demo = await startDemo(Number(options.port ?? 0));
  if (options.once) return once(demo, options).finally(demo.stop);
  say(`\nOpen ${demo.url}\nThe pictures come from ${demo.backend}. Stop with Ctrl+C.`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => demo.stop().then(() => process.exit()));
});
