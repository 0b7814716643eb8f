/** What this project needs of an OpenAPI document: each operation as one flat shape. */

/** @typedef {Record<string, any>} Schema */

/**
 * One operation.
 *
 * @typedef {object} Shape
 * @property {string} id
 * @property {string} method
 * @property {string} path
 * @property {string[]} security The names of its security schemes.
 * @property {{ kind: "c" | "o", items: string }} [pages] Whether pages follow by cursor or by offset, and where their items
 *   are.
 * @property {boolean} [isKeyed] Whether it knows an `Idempotency-Key`.
 * @property {{ name: string, in: string, required: boolean, schema: Schema }[]} parameters
 * @property {{ media: string, required: boolean, schema: Schema }} [body]
 * @property {{ status: number, media?: string, schema?: Schema }} answer
 * @property {number[]} errors The statuses it may be refused with.
 */

const METHODS = ["get", "post", "put", "patch", "delete"];

/** Words for people, which the document may have and nothing here needs. */
const PROSE = ["description", "summary", "example", "examples", "title", "externalDocs"];

/**
 * The same without references and without prose. A schema that contains itself ends in one that takes anything.
 *
 * @param {any} document @param {any} node @param {string[]} [seen] @param {boolean} [isMap] Whether names are a user's.
 * @returns {any}
 */
function plain(document, node, seen = [], isMap = false) {
  if (Array.isArray(node)) return node.map((entry) => plain(document, entry, seen));
  if (node === null || typeof node !== "object") return node;
  const reference = node.$ref;
  if (typeof reference === "string") {
    if (seen.includes(reference)) return {};
    const steps = reference.replace(/^#\//, "").split("/");
    const target = steps.reduce((place, step) => place?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], document);
    if (target === undefined) throw new Error(`${reference} leads nowhere`);
    return plain(document, target, [...seen, reference]);
  }
  const entries = Object.entries(node).filter(([name]) => isMap || !(PROSE.includes(name) || name.startsWith("x-")));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, plain(document, value, seen, !isMap && name === "properties")]),
  );
}

/** @param {string} name @returns {(parameter: any) => boolean} */
const inQuery = (name) => (parameter) => parameter.in === "query" && parameter.name === name;

/** How pages follow. @param {any[]} parameters @param {Schema | undefined} schema @returns {Shape["pages"]} */
function pagesOf(parameters, schema) {
  const kind = parameters.some(inQuery("cursor")) ? "c" : parameters.some(inQuery("offset")) ? "o" : undefined;
  const properties = Object.entries(schema?.properties ?? {});
  const [items] = properties.find(([, { type }]) => type === "array") ?? [];
  return kind && items ? { kind, items } : undefined;
}

/** The only kind of content. @param {any} content @returns {[media: string, schema: Schema] | []} */
function only(content) {
  const [media] = Object.keys(content ?? {});
  return media ? [media, content[media].schema ?? {}] : [];
}

/** @param {string} path @param {string} method @param {any} operation @returns {Shape} */
function shapeOf(path, method, { operationId, parameters = [], requestBody, responses, security }) {
  const status = Object.keys(responses).find((status) => status.startsWith("2")) ?? "200";
  const [media, schema] = only(responses[status]?.content);
  const [bodyMedia, bodySchema] = only(requestBody?.content);
  const own = parameters.filter((/** @type {any} */ { in: place }) => place !== "header");
  return {
    id: operationId,
    method: method.toUpperCase(),
    path,
    security: (security ?? []).flatMap((/** @type {object} */ entry) => Object.keys(entry)),
    pages: pagesOf(parameters, schema),
    isKeyed: parameters.some((/** @type {any} */ { name }) => name.toLowerCase() === "idempotency-key") || undefined,
    parameters: own.map((/** @type {any} */ parameter) => ({
      name: parameter.name,
      in: parameter.in,
      required: parameter.required === true,
      schema: parameter.schema,
    })),
    body: bodyMedia
      ? { media: bodyMedia, required: requestBody.required === true, schema: bodySchema ?? {} }
      : undefined,
    answer: { status: Number(status), media, schema },
    errors: Object.keys(responses)
      .map(Number)
      .filter((status) => status >= 400),
  };
}

/**
 * The operations of a document, the schema of its errors, and the document as far as types are made from it: errors are
 * thrown, so no type of an answer is one.
 *
 * @param {any} document
 * @returns {{ shapes: Shape[], error: Schema, lean: any }}
 */
export function shapesOf(document) {
  const { paths } = plain(document, { paths: document.paths }, [], true);
  /** @type {Shape[]} */
  const shapes = [];
  let error = {};
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS.filter((method) => method in item)) {
      const shared = item.parameters ?? [];
      const operation = { ...item[method], parameters: [...shared, ...(item[method].parameters ?? [])] };
      shapes.push(shapeOf(path, method, { security: document.security, ...operation }));
      for (const status of Object.keys(operation.responses).filter((status) => Number(status) >= 400)) {
        error = only(item[method].responses[status].content)[1] ?? error;
        delete item[method].responses[status];
      }
    }
  }
  const { openapi, info } = document;
  return { shapes, error, lean: { openapi, info, components: {}, paths } };
}
