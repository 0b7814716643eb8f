/** `fal-wasm migrate`: an app of the official client becomes one of this package, and nothing else in it changes. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";

const place = mkdtempSync(join(tmpdir(), "migrate-"));
after(() => rmSync(place, { recursive: true, force: true }));

/** @param {string} name @param {Record<string, string>} files */
function app(name, files) {
  const folder = join(place, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return { folder, read: (/** @type {string} */ file) => readFileSync(join(folder, file), "utf8") };
}

/** @param {string[]} args @returns {Promise<{ code: number, out: string, err: string }>} */
const migrate = (...args) =>
  new Promise((done) =>
    execFile(process.execPath, [path("dist/cli/main.js"), "migrate", ...args], (error, out, err) =>
      done({ code: Number(error?.code ?? 0), out, err }),
    ),
  );

const PAGE = `import { createFalClient, type QueueStatus } from '@fal-ai/client';
import type { FluxDevInput } from "@fal-ai/client/endpoints";
const { fal } = require("@fal-ai/client");
const lazy = () => import("@fal-ai/client");
jest.mock("@fal-ai/client");
const text = "see @fal-ai/client, or '@fal-ai/client' in its README";
`;

test("imports are changed, in every way they are written, and nothing else", async () => {
  const { folder, read } = app("imports", {
    "src/page.tsx": PAGE,
    "src/view.vue": '<script setup>\nimport { fal } from "@fal-ai/client";\n</script>\n',
    "src/other.ts": 'import "@fal-ai/client-of-mine";\n',
    "node_modules/x/index.js": 'import "@fal-ai/client";\n',
    "package.json": JSON.stringify({ dependencies: { "@fal-ai/client": "1.10.1", next: "16.0.0" } }),
  });
  const { code, out } = await migrate(folder, "--yes");
  assert.equal(code, 0);
  const [named, types, required, lazy, mocked, text] = read("src/page.tsx").split("\n");
  assert.equal(named, "import { createFalClient, type QueueStatus } from 'fal-wasm';");
  assert.equal(types, 'import type { FluxDevInput } from "fal-wasm/endpoints";');
  assert.equal(required, 'const { fal } = require("fal-wasm");');
  assert.equal(lazy, 'const lazy = () => import("fal-wasm");');
  assert.equal(mocked, 'jest.mock("fal-wasm");');
  assert.equal(text, PAGE.split("\n")[5]);
  assert.match(read("src/view.vue"), /from "fal-wasm"/);
  assert.match(read("src/other.ts"), /client-of-mine/);
  assert.match(read("node_modules/x/index.js"), /@fal-ai\/client/);
  assert.match(out, /1\. npm install fal-wasm\n {2}2\. Keep @fal-ai\/client as a development dependency/);
  assert.match((await migrate(folder, "--yes")).out, /Nothing here imports/);
});

test("what people have to do is said, with its line", async () => {
  const { folder, read } = app("notes", {
    "app/page.jsx": 'import { fal } from "@fal-ai/client";\nfal.config({\n  credentials: key,\n});\n',
    "app/api/fal/proxy/route.ts":
      'import { route } from "@fal-ai/server-proxy/nextjs";\nexport const { GET, POST } = route;\n',
    "old.js": 'import * as fal from "@fal-ai/serverless-client";\n',
    "deep.ts": 'import type { Result } from "@fal-ai/client/src/types/common";\n',
    "package.json": JSON.stringify({
      dependencies: { "@fal-ai/client": "1", "@fal-ai/server-proxy": "1", "fal-wasm": "1" },
    }),
  });
  const { out } = await migrate(folder, "--yes");
  assert.match(
    out,
    /app\/page\.jsx\n1 - .*\n1 \+ import \{ fal \} from "fal-wasm";\n3 ! In a page, delete `credentials`/,
  );
  assert.match(out, /route\.ts\n1 ! Replace this proxy: createFalProxy/);
  assert.match(out, /old\.js\n1 ! This is an older client/);
  assert.match(out, /deep\.ts\n1 ! `@fal-ai\/client\/src\/types\/common` is inside of that package/);
  assert.match(
    out,
    /Look at the lines with a `!`, and then:\n {2}1\. npm uninstall @fal-ai\/client @fal-ai\/server-proxy, when/,
  );
  assert.match(read("app/api/fal/proxy/route.ts"), /@fal-ai\/server-proxy/);
});

test("without a yes nothing is written", async () => {
  const { folder, read } = app("asks", { "a.ts": PAGE });
  assert.match((await migrate(folder, "--dry-run")).out, /a\.ts\n1 - import[^]*Nothing was written\./);
  const { code, err } = await migrate(folder);
  assert.equal(code, 1);
  assert.match(err, /Say --yes, or --dry-run/);
  assert.equal(read("a.ts"), PAGE);
  const wrong = await migrate(join(place, "nowhere"));
  assert.deepEqual([wrong.code, /is no folder/.test(wrong.err)], [2, true]);
  assert.match((await migrate("--dry")).err, /Did you mean `--dry-run`\?/);
});
