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
  compiles(project, out, { "fal-wasm": "dist/types/index.d.ts" });
  const text = readFileSync(out, "utf8");
  assert.match(text, /\* Ends a comment: \*\\\//);
  assert.match(text, /@default 28/);
});

/**
 * Fails with what TypeScript says of a program.
 *
 * @param {string} project Its folder, with `program.ts`. @param {string} made What was written for it.
 * @param {Record<string, string>} places Of the package's types.
 */
function compiles(project, made, places) {
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
        paths: Object.fromEntries(Object.entries(places).map(([name, place]) => [name, [path(place)]])),
      },
      files: ["program.ts", made],
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
    assert.fail(`${error.stdout}\n${readFileSync(made, "utf8")}`);
  }
}

const MESSAGES = {
  Keys: {
    payload: {
      type: "object",
      required: ["type", "pressed"],
      properties: { type: { const: "keys" }, pressed: { type: "array", items: ref("Key") } },
    },
  },
  Prompt: {
    payload: {
      type: "object",
      required: ["type", "text"],
      properties: { type: { const: "prompt" }, text: { type: "string", description: "What to see." } },
    },
  },
  Place: { payload: ref("Place") },
};
const COMPONENTS = {
  messages: MESSAGES,
  schemas: {
    Key: { type: "string", enum: ["w", "a", "s", "d"] },
    Place: { type: "object", required: ["x"], properties: { x: { type: "number" } } },
  },
};
const message = (/** @type {string} */ name) => ({ $ref: `#/components/messages/${name}` });
const DOCUMENTS = {
  2: {
    asyncapi: "2.6.0",
    channels: {
      control: {
        publish: { message: { oneOf: [message("Keys"), message("Prompt")] } },
        subscribe: { message: message("Place") },
      },
    },
    components: COMPONENTS,
  },
  3: {
    asyncapi: "3.0.0",
    channels: {
      "control/in": { messages: { keys: message("Keys"), prompt: message("Prompt") } },
      out: { messages: { place: { payload: { schemaFormat: "application/schema+json", schema: ref("Place") } } } },
    },
    operations: {
      control: { action: "receive", channel: { $ref: "#/channels/control~1in" } },
      tell: {
        action: "send",
        channel: { $ref: "#/channels/out" },
        messages: [{ $ref: "#/channels/out/messages/place" }],
      },
    },
    components: COMPONENTS,
  },
};

for (const [version, document] of Object.entries(DOCUMENTS)) {
  test(`messages of a session are typed by the app's AsyncAPI document, ${version}.x`, async () => {
    const project = path(`target/message-types-${version}`);
    rmSync(project, { recursive: true, force: true });
    mkdirSync(project, { recursive: true });
    const [source, out] = [join(project, "world.json"), join(project, "world.d.ts")];
    writeFileSync(source, JSON.stringify(document));
    const made = await cli(["types", "my-account/my-world", "--asyncapi", source, "--out", out]);
    assert.deepEqual(made, { code: 0, out: "", err: "" });
    writeFileSync(
      join(project, "program.ts"),
      `import { fal } from "fal-wasm";
import { wma } from "fal-wasm/realtime/wma";
import type { MyAccountMyWorldData, MyAccountMyWorldMessage } from "./world.d.ts";
const session = fal.realtime.open(wma("my-account/my-world"), {
  onData: (raw) => console.log((JSON.parse(raw) as MyAccountMyWorldData).x.toFixed(1)),
});
session.send({ type: "keys", pressed: ["w"] });
const message: MyAccountMyWorldMessage = { type: "prompt", text: "a lake" };
session.send(message);
// @ts-expect-error: there is no such key
session.send({ type: "keys", pressed: ["q"] });
// @ts-expect-error: nor such a message
session.send({ type: "jump" });
fal.realtime.open(wma("another/world")).send({ anything: 1 });
fal.realtime.open(wma(), { endpointId: "another/world" }).send({ anything: 1 });
`,
    );
    const types = (/** @type {string} */ name) => `dist/types/${name}.d.ts`;
    compiles(project, out, { "fal-wasm": types("index"), "fal-wasm/realtime/wma": types("realtime/wma") });
  });
}

test("what is no AsyncAPI document is said", async () => {
  const file = join(folder, "world.json");
  const said = async (/** @type {string} */ text, code = 1) => {
    writeFileSync(file, text);
    const { err, out, ...rest } = await cli(["types", "a/b", "--asyncapi", file]);
    assert.deepEqual([rest.code, out], [code, ""]);
    return err;
  };
  assert.match(await said("asyncapi: 3.0.0", 2), /is not JSON/);
  assert.match(await said("[]"), /no AsyncAPI document of version 2 or 3/);
  assert.match(await said('{ "asyncapi": "3.0.0" }'), /no messages/);
  const operation = (/** @type {string} */ $ref) =>
    JSON.stringify({ asyncapi: "3.0.0", operations: { a: { action: "send", channel: { $ref } } } });
  assert.match(await said(operation("other.json#/a")), /refers to another one, other\.json#\/a/);
  assert.match(await said(operation("#/channels/none")), /refers to #\/channels\/none, which it does not have/);
  assert.match(await said(operation("#/operations/a/channel")), /in a circle/);
  const absent = await cli(["types", "a/b", "--asyncapi", join(folder, "none.json")]);
  assert.match(absent.err, /none\.json cannot be read/);
  const two = await cli(["types", "a/b", "c/d", "--asyncapi", file]);
  assert.deepEqual([two.code, two.out], [2, ""]);
  assert.match(two.err, /one endpoint/);
});

test("what the command cannot do it says", async () => {
  const none = await cli(["types"]);
  assert.deepEqual([none.code, none.out], [2, ""]);
  assert.match(none.err, /fal-wasm types fal-ai\/flux\/dev/);
  const missing = await cli(["types", "nobody/nothing"]);
  assert.deepEqual([missing.code, missing.out], [1, ""]);
  assert.equal((await cli(["types", "emulator/fails", "--out", join(folder, "x.d.ts")])).code, 1);
});
