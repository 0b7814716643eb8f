/** Types of TypeScript, written from JSON schemas. */

import type { JsonSchema } from "../platform/types.ts";

/** A name for everything of an endpoint: `fal-ai/flux/dev` becomes `FalAiFluxDev`. */
export const nameOf = (id: string): string =>
  id.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase()).replace(/^(?=\d)/, "_");

/** A name of a component, as TypeScript can have it. */
export const component = (owner: string, name: string): string => `${owner}_${name.replace(/\W/g, "_")}`;

/** A property, quoted where it has to be. */
const property = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** Whether a text is the URL of a file: a file may stand in its place, and is uploaded. */
const isFile = (name: string, { format }: JsonSchema): boolean =>
  format === "binary" || /(^|_)(url|urls|uri|file)$/.test(name) || format === "uri";

/** Writes types. A `$ref` is a type of its owner. */
export class TypeWriter {
  readonly #owner: string;
  readonly #takesFiles: boolean;

  constructor(owner: string, takesFiles: boolean) {
    this.#owner = owner;
    this.#takesFiles = takesFiles;
  }

  /** The type of what a schema describes. `name` is that of the field. */
  type(schema: JsonSchema | boolean | undefined, name = ""): string {
    if (!schema || typeof schema === "boolean") return "any";
    const text = this.#plain(schema, name);
    return schema.nullable && text !== "any" ? `${text} | null` : text;
  }

  #plain(schema: JsonSchema, name: string): string {
    const { $ref, const: only, enum: values, allOf, anyOf, oneOf, type } = schema;
    if (typeof $ref === "string") return component(this.#owner, $ref.split("/").at(-1) ?? "");
    if (only !== undefined) return JSON.stringify(only);
    if (values) return values.map((value: unknown) => JSON.stringify(value)).join(" | ") || "never";
    const choices = anyOf ?? oneOf ?? (Array.isArray(type) ? type.map((type) => ({ ...schema, type })) : undefined);
    if (choices) return this.#joined(choices, name, " | ");
    if (allOf) return this.#joined(allOf, name, " & ");
    switch (type) {
      case "string":
        return this.#takesFiles && isFile(name, schema) ? "string | Blob" : "string";
      case "number":
      case "integer":
        return "number";
      case "boolean":
      case "null":
        return type;
      case "array":
        return `Array<${this.type(schema.items, name)}>`;
      default:
        return schema.properties ? this.#object(schema) : type === "object" ? this.#record(schema) : "any";
    }
  }

  #joined(schemas: JsonSchema[], name: string, by: string): string {
    const types = [...new Set(schemas.map((schema) => this.type(schema, name)))];
    return types.includes("any") ? "any" : types.map((type) => (by === " & " ? `(${type})` : type)).join(by);
  }

  #record({ additionalProperties }: JsonSchema): string {
    return `Record<string, ${this.type(additionalProperties)}>`;
  }

  #object({ properties = {}, required = [] }: JsonSchema): string {
    const fields = Object.entries(properties).map(([name, schema]) => {
      const isNeeded = required.includes(name) && !(this.#takesFiles && schema.default !== undefined);
      return `${comment(schema)}${property(name)}${isNeeded ? "" : "?"}: ${this.type(schema, name)};`;
    });
    return `{\n${fields.join("\n")}\n}`;
  }
}

/** What fal says about a field, and what it is when it is left out. */
function comment({ description, default: usual }: JsonSchema): string {
  const lines = typeof description === "string" ? description.trim().split(/\s*\n\s*/) : [];
  if (usual !== undefined) lines.push(`@default ${JSON.stringify(usual)}`);
  const safe = lines.map((line) => line.replaceAll("*/", "*\\/"));
  if (safe.length < 2) return safe.map((line) => `/** ${line} */\n`).join("");
  return `/**\n${safe.map((line) => ` * ${line}\n`).join("")} */\n`;
}

/** Indents by the braces. */
export function indented(text: string): string {
  let depth = 0;
  return text
    .split("\n")
    .map((line) => {
      if (/^\s*[})]/.test(line)) depth -= 1;
      const result = line && "  ".repeat(Math.max(0, depth)) + line;
      if (/\{$/.test(line)) depth += 1;
      return result;
    })
    .join("\n");
}
