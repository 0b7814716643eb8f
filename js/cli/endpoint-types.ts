/** Types of endpoints, written from what fal says about each of them. */

import type { ModelSchema } from "../platform/types.ts";
import { TypeWriter, component, indented, nameOf } from "./type-writer.ts";

/** A module that tells TypeScript what these endpoints take and give. */
export function declarationsOf(schemas: ModelSchema[]): string {
  const entries: string[] = [];
  const types: string[] = [];
  for (const { endpointId, input, output, components } of schemas) {
    const owner = nameOf(endpointId);
    const [given, got] = [new TypeWriter(`${owner}Input`, true), new TypeWriter(`${owner}Output`, false)];
    // The same component may be put in, with files in it, and come out.
    for (const [name, schema] of Object.entries(components)) {
      types.push(`export type ${component(`${owner}Input`, name)} = ${given.type(schema)};`);
      types.push(`export type ${component(`${owner}Output`, name)} = ${got.type(schema)};`);
    }
    types.push(
      `export type ${owner}Input = ${given.type(input)};`,
      `export type ${owner}Output = ${got.type(output)};`,
    );
    entries.push(`${JSON.stringify(endpointId)}: { input: ${owner}Input; output: ${owner}Output };`);
  }
  return indented(`// Made by \`fal-wasm types\` from fal's OpenAPI documents. Run it again when a model has changed.

import type {} from "fal-wasm";

declare module "fal-wasm" {
interface EndpointTypeMap {
${entries.join("\n")}
}
}

${types.join("\n")}
`);
}
