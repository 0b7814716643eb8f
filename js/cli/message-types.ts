/**
 * Types of the messages of a session, written from the app's AsyncAPI document, 2.x or 3.x
 * (https://www.asyncapi.com/docs/reference/specification/v3.0.0).
 *
 * Such a document describes the app: what it receives is what a page sends. Chosen, as no page of fal's says who its documents
 * speak for.
 */

import type { JsonSchema } from "../platform/types.ts";
import { TypeWriter, component, indented, nameOf } from "./type-writer.ts";

/** A part of a document: programs and people write them. */
type Part = Record<string, any> | undefined;

/** What a page sends, and what it gets. */
interface Messages {
  sent: JsonSchema[];
  received: JsonSchema[];
}

/** Follows a reference inside of the document, and those that it leads to. */
function resolved(document: Part, part: any, left = 32): Part {
  const path: unknown = part?.$ref;
  if (typeof path !== "string") return part;
  if (left === 0) throw new Error(`The document refers in a circle, with ${path}.`);
  if (!path.startsWith("#/")) throw new Error(`The document refers to another one, ${path}: give one that is whole.`);
  const steps = path.slice(2).split("/");
  const found = steps.reduce<any>(
    (value, step) => value?.[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")],
    document,
  );
  if (found === undefined) throw new Error(`The document refers to ${path}, which it does not have.`);
  return resolved(document, found, left - 1);
}

/** The schemas of messages; a message may be one of several. */
function payloads(document: Part, messages: unknown[]): JsonSchema[] {
  return messages.flatMap((one) => {
    const message = resolved(document, one);
    if (Array.isArray(message?.oneOf)) return payloads(document, message.oneOf);
    const payload = message?.payload;
    // 3.0 may say of a schema in which language it is.
    const schema: JsonSchema | undefined = payload?.schemaFormat ? payload.schema : payload;
    return schema === undefined ? [] : [schema];
  });
}

/** 2.x: a channel's `publish` is for those who use the app. */
function ofChannels(document: Part): Messages {
  const channels: Part[] = Object.values(document?.channels ?? {}).map((channel) => resolved(document, channel));
  const of = (operation: string) =>
    channels.flatMap((channel) => payloads(document, [channel?.[operation]?.message].filter(Boolean)));
  return { sent: of("publish"), received: of("subscribe") };
}

/** 3.x: operations say what the app does; without messages of their own they have those of their channel. */
function ofOperations(document: Part): Messages {
  const operations: Part[] = Object.values(document?.operations ?? {}).map((one) => resolved(document, one));
  const of = (action: string) =>
    operations
      .filter((operation) => operation?.action === action)
      .flatMap((operation) => {
        const messages = operation?.messages ?? Object.values(resolved(document, operation?.channel)?.messages ?? {});
        return payloads(document, messages);
      });
  return { sent: of("receive"), received: of("send") };
}

/** A module that tells TypeScript which messages a session with this app has. Throws what is wrong with the document. */
export function messageTypesOf(endpointId: string, document: Part): string {
  const version = /^([23])\.\d/.exec(document?.asyncapi ?? "")?.[1];
  if (version === undefined) throw new Error("This is no AsyncAPI document of version 2 or 3.");
  const { sent, received } = version === "2" ? ofChannels(document) : ofOperations(document);
  if (sent.length + received.length === 0) throw new Error("The document has no messages.");
  const owner = nameOf(endpointId);
  const writer = new TypeWriter(owner, false);
  const union = (schemas: JsonSchema[], absent: string) =>
    [...new Set(schemas.map((schema) => writer.type(schema)))].join(" | ") || absent;
  const components: Record<string, JsonSchema> = document?.components?.schemas ?? {};
  const types = Object.entries(components).map(
    ([name, schema]) => `export type ${component(owner, name)} = ${writer.type(schema)};`,
  );
  return indented(`// Made by \`fal-wasm types --asyncapi\` from the app's AsyncAPI document. Run it again when the app has changed.

import type {} from "fal-wasm/realtime/wma";

declare module "fal-wasm/realtime/wma" {
interface ControlMessageMap {
${JSON.stringify(endpointId)}: ${owner}Message;
}
}

/** What a page sends. */
export type ${owner}Message = ${union(sent, "never")};
/** What a page gets, once \`onData\` has parsed it. */
export type ${owner}Data = ${union(received, "unknown")};

${types.join("\n")}
`);
}
