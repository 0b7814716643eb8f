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
import { axe } from "../lib/axe.mjs";
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

test("the page, wide and narrow, light and dark: every state of a picture, for everybody", async (t) => {
  const shots = path("target/screenshots");
  mkdirSync(shots, { recursive: true });
  const violations = await axe();
  const server = await startDemo(0, { key: KEY });
  t.after(() => server.stop());
  // What is shown while a request runs is there until the clock is moved.
  const control = (/** @type {object} */ wish) => server.emulator?.control(wish);
  for (const [width, height] of [
    [1280, 860],
    [390, 844],
  ]) {
    await control({ reset: true });
    await control({ queue: { ahead: 2, step_ms: 500, concurrency: 2 }, clock: "manual" });
    const { context, close } = await openBrowser({ viewport: { width, height } });
    t.after(close);
    const seen = watch(context);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    /** @type {string[]} */
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    const look = async (/** @type {string} */ name) => {
      for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
        await page.emulateMedia({ colorScheme });
        for (const violation of await violations(page)) problems.push(`${name}, ${colorScheme}: ${violation}`);
      }
      await page.screenshot({ path: `${shots}/${name}-${width}.png`, fullPage: true });
    };
    const state = (/** @type {string} */ name) => page.locator(`body[data-state="${name}"]`).waitFor();
    const focused = (/** @type {string} */ id) => page.locator(`#${id}:focus`).waitFor();
    const said = async () => (await page.locator("#message").textContent()) ?? "";
    const jobs = async () => (await server.emulator?.seen()).jobs.length;

    await page.goto(server.url);
    await state("ready");
    assert.match((await page.locator("#backend").textContent()) ?? "", /emulator: nothing leaves this machine/);
    await look("idle");

    await page.locator("#model").selectOption("fal-ai/flux/dev");
    await page.locator("#prompt").fill("A sailing boat by the mountains at dusk");
    await page.locator("#generate").click();
    await page.locator('#states [data-step="IN_QUEUE"].now[aria-current="step"]').waitFor();
    await focused("cancel");
    assert.match(await said(), /In the queue/);
    await control({ advance_ms: 1_000 });
    await page.locator('#states [data-step="IN_PROGRESS"].now[aria-current="step"]').waitFor();
    assert.match(await said(), /In progress/);
    await control({ advance_ms: 1_000 });
    await page.locator("#logs", { hasText: "%|" }).waitFor();
    await look("running");
    // Everything is where it is read, and what ends the run stays in view while its log is read.
    const tops = await page.evaluate(() =>
      [...document.querySelectorAll("#tabs, #form, .actions, .result, .code")]
        .filter((part) => part.checkVisibility())
        .map((part) => part.getBoundingClientRect().top),
    );
    if (width === 390)
      assert.deepEqual(
        tops,
        [...tops].sort((one, other) => one - other),
      );
    await page.locator("#logs").evaluate((log) => log.scrollIntoView({ block: "end" }));
    const place = await page.locator("#cancel").boundingBox();
    assert.ok(place && place.y >= 0 && place.y + place.height <= Number(height), JSON.stringify(place));

    await page.reload();
    await state("running");
    assert.equal(await page.locator("#prompt").inputValue(), "A sailing boat by the mountains at dusk");
    await control({ advance_ms: 10_000 });
    await state("done");
    assert.equal(await jobs(), 1, "a reload buys nothing");
    assert.equal(await page.locator("#result").evaluate((/** @type {any} */ image) => image.naturalWidth), 1024);
    assert.match((await page.locator("#elapsed").textContent()) ?? "", /^\d+\.\d s$/);
    assert.match(await said(), /Done/);
    await look("done");

    await page.locator("#leak").click();
    assert.match(
      (await page.locator("#refusal").textContent()) ?? "",
      /^CredentialsError: .*Nothing was sent.*Treat the key as leaked/,
    );
    await look("refused");

    await page.locator("#prompt").press("Control+Enter");
    await page.locator('#states [data-step="IN_QUEUE"].now').waitFor();
    assert.equal(await page.locator("#result").isVisible(), false, "the old picture goes");
    await page.locator("#cancel").press("Enter");
    await state("cancelled");
    await focused("generate");
    await page.locator("#message", { hasText: "Cancelled: fal does not go on with it." }).waitFor();
    const colour = (/** @type {string} */ part) => page.locator(part).evaluate((it) => getComputedStyle(it).color);
    assert.equal(await colour("#message"), await colour("body"), "a cancel is no failure");
    await look("cancelled");

    await control({
      faults: [
        { match: { host: "queue.fal.run", method: "POST" }, then: { status: 500, body: '{"detail":"fal is ill"}' } },
      ],
    });
    await page.locator("#generate").click();
    await state("failed");
    assert.match(await said(), /answered with 500: fal is ill/);
    await look("failed");

    const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(isTooWide, false, `the page is wider than ${width}`);
    assert.deepEqual(problems, []);
    assert.ok(!isSeen(await seen.all(), formsOf(KEY)), "the browser saw the key");
    await close();
  }
});

test("the other tabs: a stream, a drawing, and what the proxy allows, each with its code", async (t) => {
  const violations = await axe();
  const server = await startDemo(0, { key: KEY });
  t.after(() => server.stop());
  const { context, close } = await openBrowser({ viewport: { width: 390, height: 844 } });
  t.after(close);
  const seen = watch(context);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  const look = async (/** @type {string} */ name) => {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
        await page.emulateMedia({ colorScheme });
        for (const violation of await violations(page))
          problems.push(`${name}, ${width}, ${colorScheme}: ${violation}`);
      }
      await page.screenshot({ path: path(`target/screenshots/${name}-${width}.png`), fullPage: true });
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth))
        problems.push(`${name} is too wide`);
    }
  };
  await page.goto(server.url);
  await page.locator('body[data-state="ready"]').waitFor();

  // By keys: one tab after the other.
  await page.locator("#picture-tab").press("ArrowRight");
  await page.locator("#stream-tab:focus[aria-selected=true]").waitFor();
  await page.locator("#stream-code", { hasText: "createFalStreamStore" }).waitFor();
  await page.locator("#ask").click();
  await page.locator("#stream-said", { hasText: "Done." }).waitFor();
  assert.match((await page.locator("#answer").textContent()) ?? "", /\w+ \w+/);
  await page.locator("#ask:focus").waitFor();
  await look("stream");

  await page.locator("#stream-tab").press("ArrowRight");
  await page.locator("#realtime-code", { hasText: "createFalRealtimeStore" }).waitFor();
  await page.locator("#connect").click();
  await page.locator("#disconnect:focus").waitFor();
  const live = page.locator("#live:not([hidden])");
  const first = await live.getAttribute("src");
  await page.locator("#seed").press("ArrowRight");
  await page.waitForFunction((src) => document.getElementById("live")?.getAttribute("src") !== src, first);
  await look("realtime");
  await page.locator("#disconnect").click();
  await page.locator("#realtime-said", { hasText: "Disconnected." }).waitFor();

  await page.locator("#realtime-tab").press("ArrowRight");
  await page.locator("#world-code", { hasText: "realtime.open(wma(" }).waitFor();
  await look("world-closed");
  await page.locator("#enter").click();
  await page.locator("#world-said", { hasText: "Live" }).waitFor();
  await page.locator("#world:focus").waitFor();
  await page.waitForFunction(() => /** @type {any} */ (document.getElementById("world"))?.videoWidth === 320);
  await page.locator("#world").press("ArrowUp");
  await page.locator("#world-color").selectOption("blue");
  await look("world");
  await page.locator("#leave").click();
  await page.locator("#world-said", { hasText: "Closed." }).waitFor();
  await page.locator("#enter:focus").waitFor();
  const worlds = (await server.emulator?.seen()).bridge_sessions;
  assert.deepEqual([worlds.length, worlds[0].messages, worlds[0].ended], [1, 3, "left"]);

  await page.locator("#world-tab").press("End");
  await page.locator("#proxy-code", { hasText: "createFalProxy" }).waitFor();
  assert.match(
    (await page.locator("#policy").textContent()) ?? "",
    /fal-ai\/flux\/\*\*.*30 runs in 60 seconds, 4 at once/s,
  );
  for (const [name, code] of /** @type {const} */ ([
    ["endpoint", "endpoint_not_allowed"],
    ["input", "input_not_allowed"],
    ["owner", "request_not_found"],
    ["many", "too_many_jobs"],
  ])) {
    await page.locator(`#try-${name}`).click();
    await page.locator(`#try-${name}-said`, { hasText: code }).waitFor();
  }
  await look("proxy");
  assert.deepEqual(problems, []);
  assert.ok(!isSeen(await seen.all(), formsOf(KEY)), "the browser saw the key");
});
