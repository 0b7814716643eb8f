/** Pages where WebAssembly must not run: the package can be imported, the app goes on, and the first call says why it fails. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { openBrowser } from "../../scripts/lib/browser.mjs";
import { path } from "../../scripts/lib/run.mjs";

const PROGRAM = `
  import { createFalClient, fal } from "/dist/browser/index.js";
  fal.config({ proxyUrl: "/api/fal/proxy" });
  const client = createFalClient({ proxyUrl: "/api/fal/proxy" });
  document.title = "the app is there";
  const told = ({ name, code, retryable, message, cause }) => ({ name, code, retryable, message, cause: String(cause) });
  const calls = [
    () => fal.run("a/b", { input: {} }),
    () => client.subscribe("a/b", { input: {} }),
    () => client.stream("a/b"),
    () => client.storage.upload(new Blob(["x"])),
  ];
  globalThis.told = Promise.all(calls.map((call) => call().then(() => "it went through", told)));
`;

/** The same calls of the build without WebAssembly, through answers of the page's own. */
const WITHOUT = `
  import { createFalClient } from "/dist/no-wasm/index.js";
  const json = (value, type = "application/json") => new Response(value, { headers: { "content-type": type } });
  const sent = [];
  const fetch = async (url, { headers, method }) => {
    const target = headers["x-fal-target-url"] ?? url;
    sent.push(method + " " + target);
    if (/\\/status/.test(target)) return json('data: {"status": "COMPLETED", "request_id": "r"}\\n\\n', "text/event-stream");
    if (/\\/stream$/.test(target)) return json('data: {"part": "日本"}\\n\\ndata: {"part": 2}\\n\\n', "text/event-stream");
    if (/initiate/.test(target)) return json('{"upload_url": "https://v3.fal.media/up", "file_url": "https://v3.fal.media/file"}');
    if (/queue/.test(target) && method === "POST") return json('{"request_id": "r"}');
    return json('{"ok": true}');
  };
  const fal = createFalClient({ proxyUrl: "/api/fal/proxy", fetch });
  const parts = async () => {
    const parts = [];
    for await (const { part } of await fal.stream("a/b", { input: {} })) parts.push(part);
    return parts;
  };
  const calls = [
    async () => (await fal.run("a/b", { input: {} })).data,
    async () => (await fal.subscribe("a/b", { input: {} })).data,
    parts,
    () => fal.storage.upload(new Blob(["x"])),
    () => fal.run("a", {}).catch(({ code }) => code),
    async () => createFalClient({ credentials: "nobody:0123456789abcdef" }),
  ];
  globalThis.told = Promise.all(calls.map((call) => call().catch(({ code, message }) => code ?? message)));
`;

const PROGRAMS = /** @type {Record<string, string>} */ ({ "/main.js": PROGRAM, "/without.js": WITHOUT });

const server = createServer(({ url = "" }, response) => {
  const isPage = !url.includes(".");
  const type = isPage ? "text/html" : "text/javascript";
  const policy = url.startsWith("/strict")
    ? { "content-security-policy": "default-src 'self'; script-src 'self'" }
    : {};
  response.writeHead(200, { "content-type": type, ...policy });
  const program = url.endsWith("without") ? "without" : "main";
  if (isPage) return response.end(`<title></title><script type="module" src="/${program}.js"></script>`);
  response.end(PROGRAMS[url] ?? (url.endsWith(".js") ? readFileSync(path(url.slice(1))) : ""));
}).listen(0, "127.0.0.1");
await once(server, "listening");
const browser = await openBrowser();
after(async () => {
  await browser.close();
  server.close();
});

const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

for (const [name, place, cause, prepare] of /** @type {[string, string, RegExp, (() => void)?][]} */ ([
  ["a policy without 'wasm-unsafe-eval'", "/strict", /unsafe-eval/],
  [
    "a browser without WebAssembly",
    "/",
    /WebAssembly is not defined/,
    () => void delete (/** @type {any} */ (globalThis).WebAssembly),
  ],
  [
    "a Chromium that compiles no more than 4 KB at once",
    "/",
    /larger than 4KB/,
    () => {
      WebAssembly.Module = /** @type {any} */ (
        function () {
          throw new RangeError(
            "WebAssembly.Compile is disallowed on the main thread, if the buffer size is larger than 4KB.",
          );
        }
      );
    },
  ],
])) {
  test(`${name}: the app is there, and calls say why they fail`, async () => {
    const page = await browser.context.newPage();
    if (prepare) await page.addInitScript(prepare);
    await page.goto(`http://127.0.0.1:${port}${place}`);
    await page.waitForFunction(() => "told" in globalThis);
    assert.equal(await page.title(), "the app is there");
    const errors = await page.evaluate(() => /** @type {any} */ (globalThis).told);
    for (const error of errors) {
      assert.deepEqual([error.name, error.code, error.retryable], ["FalError", "webassembly_missing", false]);
      assert.match(
        error.message,
        /^fal-wasm needs WebAssembly.*script-src 'wasm-unsafe-eval'\. Or import "fal-wasm\/no-wasm"\. Nothing was sent\.$/,
      );
      assert.match(error.message, cause);
      assert.match(error.cause, cause);
    }
    await page.close();
  });
}

for (const [name, place, prepare] of /** @type {[string, string, (() => void)?][]} */ ([
  ["a policy without 'wasm-unsafe-eval'", "/strict/without"],
  ["a browser without WebAssembly", "/without", () => void delete (/** @type {any} */ (globalThis).WebAssembly)],
])) {
  test(`${name}: fal-wasm/no-wasm works there`, async () => {
    const page = await browser.context.newPage();
    if (prepare) await page.addInitScript(prepare);
    await page.goto(`http://127.0.0.1:${port}${place}`);
    await page.waitForFunction(() => "told" in globalThis);
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).told), [
      { ok: true },
      { ok: true },
      ["日本", 2],
      "https://v3.fal.media/file",
      "invalid_endpoint_id",
      "credentials_in_browser",
    ]);
    await page.close();
  });
}
