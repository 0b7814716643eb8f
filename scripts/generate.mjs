/**
 * `npm run generate -- <file or URL>`: everything that is made from fal's OpenAPI document of the Platform APIs, checked in
 * so that nobody needs the document for anything else. Without an argument it takes the document that fal serves.
 *
 * Made are the types (by openapi-typescript), the table of operations that the core decides by, and the schemas that the
 * emulator and the tests judge requests and answers by.
 */

import { readFileSync, writeFileSync } from "node:fs";

import { shapesOf } from "./lib/openapi.mjs";
import { path, run, say, script } from "./lib/run.mjs";
import { openapiTypescript } from "./lib/setup.mjs";

const LIVE = "https://api.fal.ai/v1/openapi.json";

const TYPES = "js/platform/paths.ts";
const TABLE = "src/platform/table.rs";
const SHAPES = "tests/data/platform-shapes.json";

const MADE = "Made by `npm run generate` from fal's OpenAPI document.";

/** @typedef {import("./lib/openapi.mjs").Shape} Shape */

/** @param {string} source @returns {Promise<any>} */
async function read(source) {
  if (!/^https:/.test(source)) return JSON.parse(readFileSync(source, "utf8"));
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source} was answered with ${response.status}`);
  return response.json();
}

/** Who may call it, as a letter. One that is never answered with 401 can do without a key. @param {Shape} shape */
function who({ security, errors }) {
  if (security.includes("adminApiKey")) return "a";
  if (!security.includes("apiKey")) return "n";
  return errors.includes(401) ? "k" : "o";
}

/** The letters of a row in the table; src/platform/operation.rs says what they are. @param {Shape} shape */
function letters(shape) {
  const { pages, isKeyed, body, answer } = shape;
  const media = { "application/json": "j", "multipart/form-data": "m", "text/csv": "c", "text/plain": "t" };
  const rare = { "application/octet-stream": "b", "text/event-stream": "e" };
  const letter = (/** @type {string | undefined} */ type) => {
    const found = type === undefined ? "-" : /** @type {Record<string, string>} */ ({ ...media, ...rare })[type];
    if (!found) throw new Error(`The media type ${type} is new: give it a letter here and in the core.`);
    return found;
  };
  return [who(shape), pages?.kind ?? "-", isKeyed ? "i" : "-", letter(body?.media), letter(answer.media)].join("");
}

/** @param {Shape[]} shapes */
function table(shapes) {
  const rows = shapes.map((shape) =>
    [shape.method, letters(shape), shape.path, shape.pages?.items].filter(Boolean).join(" "),
  );
  return `//! ${MADE}

/// Every operation: method, letters, path, and where its pages keep their items.
pub(super) const TABLE: &str = "\\
${rows.join("\n")}
";
`;
}

/** One operation on each line, so that a newer document shows what has changed. @param {any} shapes @param {any} error */
const lines = (shapes, error) =>
  `{"error":${JSON.stringify(error)},\n"operations":[\n${shapes.map((/** @type {any} */ shape) => JSON.stringify(shape)).join(",\n")}\n]}\n`;

await script(async () => {
  const document = await read(process.argv[2] ?? LIVE);
  const { shapes, error, lean } = shapesOf(document);
  writeFileSync(path(TABLE), table(shapes));
  writeFileSync(path(SHAPES), lines(shapes, error));
  const { default: generate, astToString } = await openapiTypescript();
  writeFileSync(path(TYPES), `/** ${MADE} */\n\n${astToString(await generate(lean))}`);
  await run(process.execPath, [path("node_modules/prettier/bin/prettier.cjs"), "--write", path(TYPES)], {
    quiet: true,
  });
  say(`${shapes.length} operations: ${TYPES}, ${TABLE}, ${SHAPES}`);
});
