/**
 * `npm run demo`: the page, the worker with the proxy, and the emulator behind it. With FAL_KEY set, fal itself.
 *
 * `npm run demo -- --once` does what a person would, in a real browser, and prints one line of JSON.
 */

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { build } from "./build.mjs";
import { Missing, say, script } from "./lib/run.mjs";
import { chromium } from "./lib/setup.mjs";
import { formsOf, isSeen } from "./lib/sightings.mjs";

const { values: options } = parseArgs({
  options: {
    once: { type: "boolean", default: false },
    prompt: { type: "string", default: "A lighthouse by the sea at dusk" },
    out: { type: "string" },
    image: { type: "string" },
    model: { type: "string" },
    port: { type: "string", default: "0" },
  },
});

/** Does what a person would. @param {Awaited<ReturnType<typeof import("./lib/demo.mjs").startDemo>>} demo */
async function once(demo) {
  const { openBrowser, watch } = await import("./lib/browser.mjs");
  const { context, close } = await openBrowser();
  try {
    const seen = watch(context);
    const page = await context.newPage();
    await page.goto(demo.url);
    await page.locator('body[data-state="ready"]').waitFor();
    const model = options.model ?? (options.image ? "fal-ai/flux/dev/image-to-image" : "fal-ai/flux/schnell");
    await page.locator("#prompt").fill(options.prompt);
    await page.locator("#model").selectOption(model);
    if (options.image) await page.locator("#picture").setInputFiles(resolve(options.image));
    await page.locator("#generate").click();
    await page.locator('body[data-state="done"], body[data-state="failed"]').waitFor({ timeout: 600_000 });
    const outcome = JSON.parse((await page.locator("body").getAttribute("data-outcome")) ?? "{}");
    const keySeenInBrowser = isSeen(await seen.all(), formsOf(demo.key));
    if (outcome.url && options.out) {
      const picture = await context.request.get(outcome.url);
      writeFileSync(resolve(options.out), await picture.body());
    }
    console.log(JSON.stringify({ ...outcome, keySeenInBrowser }));
    if (!outcome.url || keySeenInBrowser) process.exitCode = 1;
  } finally {
    await close();
  }
}

await script(async () => {
  const port = Number(options.port);
  if (!(port >= 0 && port < 65536)) throw new Missing(`--port ${options.port} is not a port.`);
  await build();
  const { startDemo } = await import("./lib/demo.mjs");
  const demo = await startDemo(port);
  if (options.once) {
    await chromium();
    await once(demo);
    return demo.stop();
  }
  say(`\nOpen ${demo.url}\nThe pictures come from ${demo.backend}. Stop with Ctrl+C.`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => demo.stop().then(() => process.exit()));
});
