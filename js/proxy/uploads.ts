/** What browsers may upload. The proxy is asked for a place only; the bytes go there without it. */

import { isInMediaRanges, mediaRangeProblem } from "#core";
import { lifecycle } from "../client/headers.ts";
import { type Shape, either, list, needed, object, positive, shape, text, word, wrongAt } from "../client/shape.ts";
import { callCore } from "../core/call-core.ts";
import type { StorageACL, StorageACLRule, StorageSettings } from "../storage/types.ts";
import { type RequestBody, wholeBody } from "./body.ts";
import { INPUT, Refusal } from "./refusals.ts";
import type { ProxyOptions, UploadRules } from "./types.ts";

/** More than any description of a file. */
export const MAX_DESCRIPTION_BYTES = 16 * 1024;

const mediaRange: Shape = {
  takes: 'a media type such as "image/png" or "image/*"',
  fits: text.fits,
  inside(range: string, place) {
    const problem = mediaRangeProblem(range);
    if (problem !== undefined) wrongAt(place, `is ${problem}.`);
  },
};

const decision = word("hide", "forbid", "allow");
const initialAcl = object<StorageACL>(
  { default: decision, rules: list(object<StorageACLRule>({ user: needed(text), decision: needed(decision) })) },
  { oneOf: ["default", "rules"] },
);
const expiresIn = either(word("never", "immediate", "1h", "1d", "7d", "30d", "1y"), positive);

/** What rules for uploads may be. */
export const uploadRulesShape = object<UploadRules>(
  {
    types: list(mediaRange, { least: 1 }),
    lifecycle: object<StorageSettings>({ expiresIn, initialAcl }, { oneOf: ["expiresIn", "initialAcl"] }),
  },
  { oneOf: ["types", "lifecycle"] },
);

const rulesOf = ({ uploads }: ProxyOptions): UploadRules | undefined =>
  typeof uploads === "object" ? uploads : undefined;

/** How long uploaded files live and who may read them, as the app says it; undefined when that is the visitor's affair. */
export function forcedLifecycle(options: ProxyOptions): string | undefined {
  const rules = rulesOf(options);
  return rules?.lifecycle && (lifecycle(rules, "lifecycle") ?? "{}");
}

function violated(field: string, type: string, msg: string): never {
  throw new Refusal(INPUT, { detail: [{ loc: ["body", field], msg, type }] });
}

const shown = (types: readonly string[]): string => types.join(", ");

/** The types that may be uploaded; undefined when all may be. */
export const typesOf = (options: ProxyOptions): readonly string[] | undefined => rulesOf(options)?.types;

/** A description that keeps the rules, written anew: what was judged is what fal reads. */
export function described(body: RequestBody, types: readonly string[]): RequestBody {
  let given: { content_type?: unknown; file_name?: unknown };
  try {
    given = Object(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body.bytes)));
  } catch {
    return violated("content_type", "json_invalid", "The body is not one JSON object in UTF-8");
  }
  const { content_type, file_name } = given;
  if (typeof content_type !== "string" || !callCore(() => isInMediaRanges(content_type, [...types])))
    violated("content_type", "literal_error", `Only files of these types may be uploaded: ${shown(types)}`);
  if (file_name !== undefined && typeof file_name !== "string")
    violated("file_name", "string_type", "Input should be a text");
  return wholeBody(new TextEncoder().encode(JSON.stringify({ content_type, file_name })));
}
