/** The main job, as a newcomer meets it: `npm run demo`. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { openBrowser, watch } from "../../scripts/lib/browser.mjs";
import { startDemo } from "../../scripts/lib/demo.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { PATIENCE } from "../lib/expect.mjs";
import { KEY } from "../lib/keys.mjs";

const folder = mkdtempSync(join(tmpdir(), "fal-wasm-e2e-"));
const { FAL_KEY: _, ...env } = process.env;
after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string[]} args */
const demo = (args) =>
  promisify(execFile)(process.execPath, [path("scripts/demo.mjs"), ...args], { env, encoding: "utf8" });

/** Width and height of a PNG. @param {string} file */
function sizeOf(file) {
  const bytes = readFileSync(file);
  assert.equal(bytes.subarray(1, 4).toString("latin1"), "PNG");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test("one line of JSON and a picture, then one made from it", async () => {
  const [cat, night] = [join(folder, "cat.png"), join(folder, "night.png")];
  const first = await demo(["--once", "--prompt", "a cat in the rain", "--out", cat]);
  const outcome = JSON.parse(first.stdout);
  assert.deepEqual(Object.keys(outcome), [
    "requestId",
    "endpoint",
    "url",
    "width",
    "height",
    "queueMs",
    "totalMs",
    "states",
    "keySeenInBrowser",
  ]);
  assert.deepEqual([outcome.width, outcome.height], sizeOf(cat));
  assert.deepEqual(outcome.states, ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
  assert.equal(outcome.keySeenInBrowser, false);

  const second = JSON.parse((await demo(["--once", "--prompt", "at night", "--image", cat, "--out", night])).stdout);
  assert.equal(second.endpoint, "fal-ai/flux/dev/image-to-image");
  assert.deepEqual([second.width, second.height], sizeOf(night));
  assert.notDeepEqual(readFileSync(cat), readFileSync(night));
});

test("what is wrong with the arguments is said in a sentence", async () => {
  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [["--port", "99999"], /--port 99999 is not a port/],
    [["--once", "--image", "/no/such/file.png"], /\/no\/such\/file\.png/],
    [["--nonsense"], /nonsense/],
  ])) {
    const error = await demo(args).catch((error) => error);
    assert.equal(error.code, 1, String(args));
    assert.match(error.stderr, message);
    assert.doesNotMatch(error.stderr, /^\s+at /m, "a stack is for us, not for a newcomer");
  }
});

test("the page, wide and narrow: idle, running, done, refused, cancelled", async (t) => {
  const shots = path("target/screenshots");
  mkdirSync(shots, { recursive: true });
  const server = await startDemo(0, { key: KEY });
  t.after(() => server.stop());
  // What is shown while a request runs is there until the clock is moved.
  const control = (/** @type {object} */ wish) => server.emulator?.control(wish);
  await control({ clock: "manual" });
  for (const [width, height] of [
    [1280, 860],
    [390, 844],
  ]) {
    const { context, close } = await openBrowser({ viewport: { width, height } });
    const seen = watch(context);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    const shot = (/** @type {string} */ name) =>
      page.screenshot({ path: `${shots}/${name}-${width}.png`, fullPage: true });
    const state = (/** @type {string} */ name) => page.locator(`body[data-state="${name}"]`).waitFor();
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

    await page.goto(server.url);
    await state("ready");
    assert.match((await page.locator("#backend").textContent()) ?? "", /emulator: nothing leaves this machine/);
    await shot("idle");

    await page.locator("#prompt").fill("A sailing boat by the mountains at dusk");
    await page.locator("#model").selectOption("fal-ai/flux/dev");
    await page.locator("#generate").click();
    await page.locator('#states [data-step="IN_QUEUE"].now').waitFor();
    await control({ advance_ms: 1_000 });
    await page.locator('#states [data-step="IN_PROGRESS"].now').waitFor();
    await control({ advance_ms: 1_000 });
    await page.locator("#logs", { hasText: "%|" }).waitFor();
    await shot("running");
    await control({ advance_ms: 10_000 });
    await state("done");
    assert.equal(await page.locator("#result").evaluate((/** @type {any} */ image) => image.naturalWidth), 1024);
    assert.match((await page.locator("#elapsed").textContent()) ?? "", /^\d+\.\d s$/);
    await shot("done");

    await page.locator("#leak").click();
    assert.match(
      (await page.locator("#refusal").textContent()) ?? "",
      /^CredentialsError: .*Nothing was sent.*Treat the key as leaked/,
    );
    await shot("refused");

    await page.locator("#generate").click();
    await page.locator("#cancel").click();
    await state("failed");
    assert.match((await page.locator("#message").textContent()) ?? "", /aborted/);
    await shot("cancelled");

    assert.equal(await overflow(), false, `the page is wider than ${width}`);
    assert.deepEqual(errors, []);
    assert.ok(!isSeen(await seen.all(), formsOf(KEY)), "the browser saw the key");
    await close();
  }
});
