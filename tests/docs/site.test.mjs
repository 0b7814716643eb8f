/** The site of the documentation, as a reader has it: every page, without a network. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { SITE, buildDocs } from "../../scripts/docs.mjs";
import { openBrowser } from "../../scripts/lib/browser.mjs";
import { UserError } from "../../scripts/lib/run.mjs";
import { files } from "../../scripts/lib/stamp.mjs";
import { axe } from "../lib/axe.mjs";
import { browsers } from "../lib/browsers/index.mjs";
import { PATIENCE } from "../lib/expect.mjs";
import { BASE, startHost } from "./static-host.mjs";

/** The search button is VitePress's own: its label leaves out the key that is shown beside it. */
const OTHERS = [".DocSearch-Button"];

/** What a fal key looks like. */
const KEY = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{32}/;

/** @type {Awaited<ReturnType<typeof startHost>>} */
let host;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {Awaited<ReturnType<typeof axe>>} */
let violations;

before(async () => {
  await buildDocs({ base: BASE });
  violations = await axe();
  host = await startHost();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  host?.stop();
});

/** A page, and what it says on its console. */
async function openPage() {
  const page = await browser.context.newPage();
  page.setDefaultTimeout(PATIENCE);
  /** @type {string[]} */
  const problems = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error}`));
  return { page, problems };
}

test("every page opens, says nothing on the console, asks nobody else, and can be used by everybody", async () => {
  const { page, problems } = await openPage();
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(host.origin)) problems.push(request.url());
  });
  const names = files(SITE)
    .filter((file) => file.endsWith(".html") && !file.endsWith("404.html"))
    .map((file) => file.slice(SITE.length + 1, -".html".length).replace(/index$/, ""));
  assert.ok(names.length > 20, "pages");
  // The colours are those of every page.
  const dark = names.filter((name) => /^(guide\/client|reference\/errors)?$/.test(name));
  for (const [colorScheme, chosen] of /** @type {["light" | "dark", string[]][]} */ ([
    ["light", names],
    ["dark", dark],
  ])) {
    await page.emulateMedia({ colorScheme });
    for (const name of chosen) {
      await page.goto(`${host.url}${name}`, { waitUntil: "load" });
      assert.equal(await page.locator("h1").count(), 1, name);
      for (const violation of await violations(page, OTHERS)) problems.push(`${colorScheme} ${name}: ${violation}`);
    }
  }
  assert.deepEqual(problems, []);
  await page.close();
});

/** What is done in the playground. @param {import("playwright-core").Page} page */
const playground = (page) => ({
  state: (/** @type {string} */ name) => page.locator(`.playground[data-state="${name}"]`).waitFor(),
  button: (/** @type {string} */ name) => page.getByRole("button", { name }),
  toggle: (/** @type {string} */ name) => page.getByRole("switch", { name }).click(),
  said: () => page.getByRole("status").textContent(),
  /** The picture, when all of it is there. */
  async picture() {
    await page.locator(".playground .frame img").evaluate((/** @type {any} */ image) => image.decode());
    return page.locator(".playground .frame img").evaluate((/** @type {any} */ image) => image.naturalWidth);
  },
});

test("the playground: a picture, a broken network, and a recovery, for everybody", async () => {
  const { page, problems } = await openPage();
  const { state, button, toggle, said, picture } = playground(page);
  /** @type {import("playwright-core").Request[]} */
  const sent = [];
  page.on("request", (request) => void sent.push(request));
  const check = async (/** @type {string} */ name) => {
    for (const scheme of ["light", "dark"]) {
      await page.evaluate((dark) => document.documentElement.classList.toggle("dark", dark), scheme === "dark");
      for (const violation of await violations(page, OTHERS)) problems.push(`${scheme} ${name}: ${violation}`);
    }
  };
  for (const [width, height] of [
    [1280, 860],
    [390, 844],
  ]) {
    await page.setViewportSize({ width: width ?? 0, height: height ?? 0 });
    await page.goto(`${host.url}playground/`);
    await page.addStyleTag({ content: "* { transition: none !important; animation: none !important }" });
    await state("idle");
    await check(`idle ${width}`);

    await button("Generate").click();
    await page.locator('[aria-current="step"]').waitFor();
    assert.equal(await button("Cancel").evaluate((it) => it === document.activeElement), true, "focus is at Cancel");
    await check(`running ${width}`);
    await state("completed");
    assert.equal(await picture(), 1024);
    assert.match((await said()) ?? "", /Done/);
    assert.equal(await button("Generate").evaluate((it) => it === document.activeElement), true, "focus is back");
    await check(`completed ${width}`);
    assert.deepEqual(problems, []);

    await toggle("Lost answer");
    await button("Generate").click();
    await state("failed");
    assert.match((await page.getByRole("alert").textContent()) ?? "", /was not sent again.*upstream_broken/s);
    await check(`failed ${width}`);
    await toggle("Lost answer");
    await button("Try again").click();
    await state("completed");
    assert.equal(await picture(), 1024);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${width}`);
    // The answer that was ordered is all there is on the console.
    assert.equal(problems.splice(0).filter((problem) => !problem.includes("502")).length, 0);
  }

  const list = page.locator(".requests li");
  assert.match((await page.locator(".requests .verdict").textContent()) ?? "", /No key in any of the \d requests/);
  for (const summary of await list.locator("summary").all()) await summary.click();
  for (const text of await list.allInnerTexts()) {
    assert.equal(text.includes("authorization"), text.startsWith("proxy → fal"), text);
    assert.doesNotMatch(text, KEY);
  }
  assert.ok(sent.some((request) => request.url() === `${host.url}playground/api/fal/proxy`));
  for (const request of sent)
    assert.doesNotMatch(`${JSON.stringify(request.headers())}${request.url()}${request.postData()}`, KEY);
  await page.close();
});

test("the playground breaks in as many ways as it has switches, and cancels without a fuss", async () => {
  const { page } = await openPage();
  const { state, button, toggle, said, picture } = playground(page);
  await page.goto(`${host.url}playground/`);
  await state("idle");
  for (const [name, code] of /** @type {const} */ ([
    ["Offline", "connection_lost"],
    ["fal answers 500", "server_error"],
  ])) {
    await toggle(name);
    await button("Generate").or(button("Try again")).click();
    await page.getByRole("alert").filter({ hasText: code }).waitFor();
    await toggle(name);
  }
  await toggle("Cut stream");
  await button("Try again").click();
  await state("completed");
  assert.equal(await picture(), 1024);
  assert.ok(await page.locator(".requests .line", { hasText: /\/status\s*$/ }).count(), "it asked instead");

  await toggle("Slow");
  await toggle("fal answers 500");
  await button("Generate").click();
  await state("failed");
  assert.ok(
    Number(/(\d+) ms/.exec((await page.locator(".requests .status").first().textContent()) ?? "")?.[1]) >= 1_500,
  );
  await toggle("Slow");
  await toggle("fal answers 500");

  await page.getByLabel("Model").selectOption("fal-ai/veo3");
  await button("Try again").click();
  await page.getByRole("alert").filter({ hasText: "endpoint_not_allowed" }).waitFor();

  await page.getByLabel("Model").selectOption("fal-ai/flux/dev");
  await page.getByLabel("Prompt").press("Control+Enter");
  await button("Cancel").click();
  await state("cancelled");
  assert.match((await said()) ?? "", /Cancelled/);
  assert.equal(await page.getByRole("alert").count(), 0);
  await page.close();
});

/** Makes a picture. Runs in the page. */
async function paint() {
  const found = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));
  const reached = (/** @type {string[]} */ ...states) =>
    new Promise((done) => {
      const look = () => states.includes(found(".playground")?.dataset.state) && done(undefined);
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
      look();
    });
  await reached("idle");
  found(".playground .main").click();
  await reached("completed", "failed");
  await found(".playground .frame img")?.decode();
  return found(".playground .frame img")?.naturalWidth ?? found(".playground .error").textContent;
}

for (const name of ["Firefox", "WebKitGTK"]) {
  test(`the playground in ${name}`, async (t) => {
    const other = await browsers[name]?.().catch((/** @type {unknown} */ error) => {
      if (error instanceof UserError) return t.skip(error.message);
      throw error;
    });
    if (!other) return;
    t.after(other.close);
    await other.goto(`${host.url}playground/`);
    assert.equal(await other.call(paint), 1024);
  });
}

test("the playground is reached by a link, leaves other pages alone, and works when its host is gone", async () => {
  const { page, problems } = await openPage();
  const { state, button, picture } = playground(page);
  await page.goto(`${host.url}guide/client`);
  await page.locator(".VPNavBar").getByRole("link", { name: "Playground" }).click();
  await state("idle");
  const scopes = await page.evaluate(async () =>
    (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope),
  );
  assert.deepEqual(scopes, [`${host.url}playground/`]);

  host.stop();
  await page.goto(`${host.url}playground/`);
  await state("idle");
  await button("Generate").click();
  await state("completed");
  assert.equal(await picture(), 1024);
  assert.deepEqual(problems, []);
});
