/** fal's document of the Platform APIs as a judge, and samples of what it wants. */

import { readFileSync } from "node:fs";

import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

import { path } from "../../scripts/lib/run.mjs";

/** @typedef {import("../../scripts/lib/openapi.mjs").Shape} Shape */

/** @type {{ operations: Shape[], error: any }} */
const document = JSON.parse(readFileSync(path("tests/data/platform-shapes.json"), "utf8"));

export const { operations } = document;

const ajv = new Ajv2020({ strict: false, allErrors: true });
const coercing = new Ajv2020({ strict: false, coerceTypes: "array" });
for (const each of [ajv, coercing]) /** @type {any} */ (formats)(each);

/** What a schema says is wrong with a value. @param {any} judge @param {any} schema @param {any} value @returns {string[]} */
const faults = (judge, schema, value) => {
  const validate = judge.compile(schema);
  return validate(value) ? [] : [judge.errorsText(validate.errors)];
};

/** The segments of a path. @param {string} text */
const segments = (text) => text.split("/");

/** The operation that a request is for. @param {string} method @param {string} pathname @returns {Shape | undefined} */
const operationOf = (method, pathname) =>
  operations
    .filter((shape) => shape.method === method && segments(shape.path).length === segments(pathname).length)
    .filter((shape) => segments(shape.path).every((own, at) => own.startsWith("{") || own === segments(pathname)[at]))
    .sort((one, other) => one.path.split("{").length - other.path.split("{").length)[0];

/**
 * What is wrong with a request.
 *
 * @param {string} url @param {any} init
 */
export function faultsOfRequest(url, { method, headers, body }) {
  const { origin, pathname, searchParams } = new URL(url);
  if (origin !== "https://api.fal.ai" || !pathname.startsWith("/v1/")) return [`sent to ${origin}${pathname}`];
  const shape = operationOf(method, pathname.slice(3));
  if (!shape) return [`no operation ${method} ${pathname}`];
  const wrong = [];
  for (const { name, in: place, required, schema } of shape.parameters.filter(({ in: place }) => place === "query")) {
    const given = searchParams.getAll(name);
    if (given.length === 0 && required) wrong.push(`${place} ${name} is missing`);
    if (given.length > 0)
      wrong.push(
        ...faults(coercing, { properties: { value: schema } }, { value: given.length > 1 ? given : given[0] }),
      );
  }
  const known = shape.parameters.map(({ name }) => name);
  wrong.push(
    ...[...searchParams.keys()].filter((name) => !known.includes(name)).map((name) => `query ${name} is unknown`),
  );
  const type = new Headers(headers).get("content-type");
  if (shape.body?.media === "multipart/form-data") {
    const fields = Object.fromEntries(/** @type {FormData} */ (body));
    wrong.push(...faults(ajv, shape.body.schema, fields));
  } else if (shape.body && body !== undefined) {
    if (type !== "application/json") wrong.push(`content type ${type}`);
    wrong.push(...faults(ajv, shape.body.schema, JSON.parse(body)));
  } else if (body !== undefined || shape.body?.required) wrong.push(body === undefined ? "no body" : "a body");
  if (shape.isKeyed && !new Headers(headers).get("idempotency-key")) wrong.push("no idempotency key");
  return wrong;
}

/**
 * What is wrong with an answer.
 *
 * @param {string} method @param {string} url @param {Response} response
 */
export async function faultsOfAnswer(method, url, response) {
  const shape = /** @type {Shape} */ (operationOf(method, new URL(url).pathname.slice(3)));
  if (response.status >= 400) return faults(ajv, document.error, await response.json());
  const { status, media, schema } = shape.answer;
  const type = response.headers.get("content-type")?.split(";")[0];
  const wrong = response.status === status ? [] : [`status ${response.status} instead of ${status}`];
  if (media !== type) wrong.push(`${type} instead of ${media}`);
  if (media === "application/json") wrong.push(...faults(ajv, schema, await response.json()));
  return wrong;
}

/** A value for a schema: as little as it allows. @param {any} schema @param {string} name @returns {any} */
function sample(schema, name = "") {
  const { type, enum: options, anyOf, oneOf, format, pattern, minimum = 1, minItems = 1 } = schema;
  if (options) return options[0];
  if (anyOf ?? oneOf) return sample((anyOf ?? oneOf)[0], name);
  const kind = [type].flat()[0];
  if (kind === "object") {
    const required = /** @type {string[]} */ (schema.required ?? []);
    if (!schema.properties) return {};
    return Object.fromEntries(required.map((key) => [key, sample(schema.properties[key], key)]));
  }
  if (kind === "array") return Array.from({ length: minItems }, () => sample(schema.items ?? {}, name));
  if (kind === "integer" || kind === "number") return Math.max(1, minimum);
  if (kind === "boolean") return true;
  if (format === "uri") return "https://v3.fal.media/files/emulator/a%20b.png?x=1&y=2";
  if (format === "uuid") return "00000000-0000-4000-8000-000000000001";
  if (format === "date-time") return "2026-01-02T03:04:05Z";
  if (pattern?.includes("-\\d{2}$")) return pattern.includes("-\\d{2}-") ? "2026-01-02" : "2026-01";
  return (
    { endpoint_id: "fal-ai/flux/dev", used_endpoint_ids: "fal-ai/flux/dev", expand: "summary" }[name] ?? `a-${name}`
  );
}

/** Bodies whose fields only make sense together, or are not plain values. @type {Record<string, any>} */
const BODIES = {
  estimatePricing: { estimate_type: "unit_price", endpoints: { "fal-ai/flux/dev": { unit_quantity: 2 } } },
  serverlessUploadLocalFile: { file_upload: new Blob(["hello"]) },
};

/**
 * What an operation is called with: everything that it needs, and of what it only allows everything too when `all`.
 *
 * @param {Shape} shape @param {boolean} all @param {Record<string, string>} known Ids of things that exist.
 */
export function initOf({ id, parameters, body }, all, known) {
  const wanted = parameters.filter(({ name, required }) => required || (all && name !== "cursor"));
  const of = (/** @type {string} */ place) =>
    Object.fromEntries(
      wanted.filter((each) => each.in === place).map(({ name, schema }) => [name, known[name] ?? sample(schema, name)]),
    );
  const given = body && (all || body.required || id in BODIES) ? (BODIES[id] ?? sample(body.schema)) : undefined;
  return { params: { path: of("path"), query: of("query") }, ...(given !== undefined && { body: given }) };
}
