/** What a model takes and gives, from the OpenAPI document that fal has of it. */

import { FailureKind } from "../core/wire.ts";
import { failure } from "../host/server/host.ts";
import type { JsonSchema, ModelSchema } from "./types.ts";

interface Content {
  content?: Record<string, { schema?: JsonSchema }>;
}

interface Operation {
  requestBody?: Content;
  responses?: Record<string, Content>;
}

type Paths = Record<string, Record<string, Operation>>;

/** Where the result of a queued request is read. */
const RESULT = /\/requests\/\{\w+\}\/?$/;

const jsonOf = (from: Content | undefined): JsonSchema | undefined => from?.content?.["application/json"]?.schema;

/**
 * Reads a document. The input is what is posted to the model; the output is what the queue gives for a request, and in a
 * document without a queue the answer itself. Throws when there is neither.
 */
export function modelSchema(endpoint: string, document: Record<string, any> | undefined): ModelSchema {
  const paths: Paths = document?.paths ?? {};
  const run = Object.entries(paths).find(([path, { post }]) => post && !path.includes("/requests/"))?.[1].post;
  const result = Object.entries(paths).find(([path, { get }]) => get && RESULT.test(path))?.[1].get;
  const input = jsonOf(run?.requestBody);
  const output = jsonOf((result ?? run)?.responses?.["200"]);
  if (!document || (!input && !output)) throw failure(FailureKind.AnswerInvalid, { endpoint, body: document });
  return {
    endpointId: endpoint,
    input: input ?? {},
    output: output ?? {},
    components: document.components?.schemas ?? {},
    document,
  };
}
