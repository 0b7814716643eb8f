/** Types of endpoints that fal describes: asked for when they are wanted, for public models and for private apps. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createPlatformClient } from "fal-wasm/platform";

import { path } from "../../scripts/lib/run.mjs";
import { startCli } from "../lib/cli.mjs";
import { failureOf } from "../lib/expect.mjs";
import { KEY } from "../lib/keys.mjs";

const { emulator, folder, cli } = await startCli();
beforeEach(() => emulator.control({ reset: true }));

const ref = (/** @type {string} */ name) => ({ $ref: `#/components/schemas/${name}` });
const json = (/** @type {object} */ schema) => ({ content: { "application/json": { schema } } });

/** As fal describes a model that is queued. @param {string} id @param {object} [schemas] */
const documentOf = (id, schemas) => ({
  openapi: "3.0.4",
  paths: {
    [`/${id}/requests/{request_id}/status`]: { get: { responses: { 200: json({ type: "object" }) } } },
    [`/${id}/requests/{request_id}/cancel`]: { put: { responses: { 200: json({ type: "object" }) } } },
    [`/${id}`]: { post: { requestBody: json(ref("Input")), responses: { 200: json(ref("QueueStatus")) } } },
    [`/${id}/requests/{request_id}`]: { get: { responses: { 200: json(ref("Output")) } } },
  },
  components: {
    schemas: {
      Input: {
        type: "object",
        required: ["prompt", "image_url", "steps"],
        properties: {
          prompt: { type: "string", description: "What to draw.\nEnds a comment: */" },
          image_url: { type: "string" },
          mask_urls: { type: "array", items: { type: "string" } },
          steps: { type: "integer", default: 28 },
          image_size: { anyOf: [ref("Size"), { type: "string", enum: ["square", "portrait"] }] },
          seed: { type: "integer", nullable: true },
          "a-b": { type: ["boolean", "null"] },
          extra: { type: "object", additionalProperties: { type: "number" } },
          either: { oneOf: [{ const: 1 }, { const: "two" }] },
          nested: ref("Node"),
        },
      },
      Size: { type: "object", required: ["width"], properties: { width: { type: "number" } } },
      Node: { type: "object", properties: { children: { type: "array", items: ref("Node") } } },
      "Odd-Name": { allOf: [ref("Size"), { type: "object", properties: { height: { type: "number" } } }] },
      Output: {
        type: "object",
        required: ["images"],
        properties: {
          images: {
            type: "array",
            items: { type: "object", required: ["url"], properties: { url: { type: "string" } } },
          },
          odd: ref("Odd-Name"),
          anything: {},
        },
      },
      QueueStatus: { type: "object" },
      ...schemas,
    },
  },
});

const page = (/** @type {object[]} */ models) => ({ models, next_cursor: null, has_more: false });

test("a schema at run time: input, output, and what they refer to", async () => {
  const document = documentOf("my-team/my-app");
  /** @type {string[]} */
  const sent = [];
  const fetch = async (/** @type {any} */ url) => {
    sent.push(String(url));
    return Response.json(page([{ endpoint_id: "my-team/my-app", openapi: document }]));
  };
  const platform = createPlatformClient({ env: { FAL_KEY: KEY }, fetch });
  const { input, output, components, ...rest } = await platform.models.schema("my-team/my-app");
  assert.deepEqual([input, output], [ref("Input"), ref("Output")]);
  assert.deepEqual(Object.keys(components), Object.keys(document.components.schemas));
  assert.deepEqual(rest, { endpointId: "my-team/my-app", document });
  const { searchParams } = new URL(sent[0]);
  assert.deepEqual([searchParams.get("endpoint_id"), searchParams.get("expand")], ["my-team/my-app", "openapi-3.0"]);
  const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch });
  assert.deepEqual((await fal.platform.models.schema("my-team/my-app")).input, ref("Input"));
});

test("a document without a queue, and answers without a document", async () => {
  const post = { requestBody: json(ref("Input")), responses: { 200: json(ref("Output")) } };
  const schemaOf = (/** @type {any} */ openapi) =>
    createPlatformClient({
      env: { FAL_KEY: KEY },
      fetch: async () => Response.json(page([{ endpoint_id: "a/b", openapi }])),
    }).models.schema("a/b");
  const { input, output } = await schemaOf({ paths: { "/": { post } } });
  assert.deepEqual([input, output], [ref("Input"), ref("Output")]);
  for (const openapi of [undefined, { error: { code: "expansion_failed", message: "no" } }, { paths: {} }]) {
    const error = await failureOf(schemaOf(openapi));
    assert.deepEqual([error.name, error.code, error.endpoint], ["FalError", "invalid_answer", "a/b"]);
  }
});

/** Lets the emulator describe models. @param {Record<string, object>} documents */
const describe = (documents) =>
  emulator.control({
    faults: Object.entries(documents).map(([id, openapi]) => ({
      match: { host: "api.fal.ai" },
      times: 1,
      then: {
        status: 200,
        body: JSON.stringify(page([{ endpoint_id: id, openapi }])),
        headers: { "content-type": "application/json" },
      },
    })),
  });

test("the command writes a module, and calls of its endpoints are typed by it", async () => {
  const project = path("target/endpoint-types");
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  const out = join(project, "endpoints.d.ts");
  const ids = ["my-team/my-app", "fal-ai/3d-tool/v2.1"];
  await describe(Object.fromEntries(ids.map((id) => [id, documentOf(id)])));
  assert.deepEqual(await cli(["types", ...ids, "--out", out]), { code: 0, out: "", err: "" });
  writeFileSync(
    join(project, "program.ts"),
    `import { fal } from "fal-wasm";
import type { MyTeamMyAppInput } from "./endpoints.d.ts";
const input: MyTeamMyAppInput = { prompt: "a", image_url: new Blob([]), mask_urls: ["https://a", new Blob([])] };
export async function program() {
  const { data } = await fal.run("my-team/my-app", { input });
  const url: string | undefined = data.images[0]?.url;
  const height: number | undefined = data.odd?.height;
  await fal.subscribe("fal-ai/3d-tool/v2.1", {
    input: { prompt: "a", image_url: "u", image_size: "square", seed: null, "a-b": null, extra: { a: 1 }, either: "two" },
  });
  await fal.run("my-team/my-app", { input: { prompt: "a", image_url: "u", nested: { children: [{ children: [] }] } } });
  // @ts-expect-error: it is needed
  await fal.run("my-team/my-app", { input: { image_url: "u" } });
  // @ts-expect-error: it is none of the sizes
  await fal.run("my-team/my-app", { input: { prompt: "a", image_url: "u", image_size: "round" } });
  // @ts-expect-error: a number
  await fal.run("fal-ai/3d-tool/v2.1", { input: { prompt: "a", image_url: "u", steps: "28" } });
  // @ts-expect-error: what comes out is a URL, not a file
  const blob: Blob | undefined = data.images[0]?.url;
  return { url, height, blob };
}
`,
  );
  const compilerOptions = {
    ...{
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      strict: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
    },
    ...{ module: "nodenext", moduleResolution: "nodenext", types: [], allowImportingTsExtensions: true },
  };
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        ...compilerOptions,
        module: "esnext",
        moduleResolution: "bundler",
        paths: { "fal-wasm": [path("dist/types/index.d.ts")] },
      },
      files: ["program.ts", "endpoints.d.ts"],
    }),
  );
  const compile = () =>
    execFileSync(process.execPath, [path("node_modules/typescript/bin/tsc"), "-p", project], {
      encoding: "utf8",
      stdio: "pipe",
    });
  try {
    compile();
  } catch (/** @type {any} */ error) {
    assert.fail(`${error.stdout}\n${readFileSync(out, "utf8")}`);
  }
  const text = readFileSync(out, "utf8");
  assert.match(text, /\* Ends a comment: \*\\\//);
  assert.match(text, /@default 28/);
});

test("what the command cannot do it says", async () => {
  const none = await cli(["types"]);
  assert.deepEqual([none.code, none.out], [2, ""]);
  assert.match(none.err, /fal-wasm types fal-ai\/flux\/dev/);
  const missing = await cli(["types", "nobody/nothing"]);
  assert.deepEqual([missing.code, missing.out], [1, ""]);
  assert.equal((await cli(["types", "emulator/fails", "--out", join(folder, "x.d.ts")])).code, 1);
});
