/**
 * What browsers may put into inputs. An input with rules is read, checked, and written anew: what is checked is what is sent,
 * so that no second reader can understand it differently.
 */

import { type Shape, list, object, shape, table, text, whole, word, wrongAt } from "../client/shape.ts";
import { endpointPattern, patternTable } from "../core/pattern-table.ts";
import { type RequestBody, wholeBody } from "./body.ts";
import { type Fields, type ListLength, JsonError, fieldsOf, judged, writeFields } from "./json.ts";
import { INPUT, Refusal } from "./refusals.ts";
import type { InputRule, ProxyOptions } from "./types.ts";

/** A rule for one field. */
export interface FieldRule {
  path: string[];
  rule: Kind;
  /** What the rule was given: the largest number, the list of allowed values. */
  given: unknown;
}

/**
 * The rules for the input of a call: all that match hold, by whatever way and below whichever path its endpoint is reached.
 * None when its body need not be read.
 */
export type InputRules = (endpoint: string | undefined, isStreamed: boolean) => FieldRule[];

interface Kind {
  /** Whether a value keeps the rule. */
  keeps(value: unknown, given: any): boolean;
  /** What fal calls an error of this kind, and what it says. */
  type: string;
  says(given: any): string;
}

const MAX_PATH = 4;

const isScalar = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);

/** What may be given to the rules of a field. */
const number = shape("a number", Number.isFinite);
const scalar = shape("a text, a number, true, false or null", isScalar);
const rulesShape = object<InputRule>(
  {
    max: number,
    min: number,
    maxLength: whole(0),
    maxItems: whole(0),
    oneOf: list(scalar, { least: 1 }),
    fixed: scalar,
    absent: word(true),
  },
  { oneOf: ["max", "min", "maxLength", "maxItems", "oneOf", "fixed", "absent"] },
);

/** The rules of a field. A fixed value is put in where it is absent, and only at the top it is certain where that is. */
const fieldRules: Shape = {
  ...rulesShape,
  inside(rules: InputRule, place) {
    rulesShape.inside?.(rules, place);
    if (rules.fixed !== undefined && place.at(-1)?.includes(".")) {
      wrongAt([...place, "fixed"], "is only for fields at the top of an input.");
    }
  },
};

const fieldName: Shape = {
  takes: "the name of a field",
  fits: text.fits,
  inside(name: string, place) {
    const path = name.split(".");
    if (path.length > MAX_PATH || path.includes("")) wrongAt(place, `has up to ${MAX_PATH} names with dots between.`);
  },
};

/** Rules for the fields of one input. */
export const fieldsShape = table(fieldName, fieldRules);

/** What `inputs` may be. */
export const inputsShape = table(endpointPattern(false), fieldsShape);

const KINDS: Record<keyof InputRule, Kind> = {
  max: {
    keeps: (value, given: number) => typeof value === "number" && value <= given,
    type: "less_than_equal",
    says: (given) => `Input should be a number less than or equal to ${given}`,
  },
  min: {
    keeps: (value, given: number) => typeof value === "number" && value >= given,
    type: "greater_than_equal",
    says: (given) => `Input should be a number greater than or equal to ${given}`,
  },
  maxLength: {
    keeps: (value, given: number) => typeof value === "string" && (value.length <= given || [...value].length <= given),
    type: "string_too_long",
    says: (given) => `Input should be a text of at most ${given} characters`,
  },
  maxItems: {
    keeps: (value, given: number) => ((value as ListLength | undefined)?.items ?? Infinity) <= given,
    type: "too_long",
    says: (given) => `Input should be a list of at most ${given} items`,
  },
  oneOf: {
    keeps: (value, given: unknown[]) => given.includes(value),
    type: "literal_error",
    says: (given: unknown[]) => `Input should be one of ${given.map((value) => JSON.stringify(value)).join(", ")}`,
  },
  fixed: {
    keeps: (value, given) => value === given,
    type: "literal_error",
    says: (given) => `Input should be ${JSON.stringify(given)}`,
  },
  absent: {
    keeps: () => false,
    type: "extra_forbidden",
    says: () => "The field is not allowed",
  },
};

/** The rules of one pattern, or of a grant. */
export const rulesOf = (fields: Record<string, InputRule>): FieldRule[] =>
  Object.entries(fields).flatMap(([field, rules]) =>
    Object.entries(rules)
      .filter(([, given]) => given !== undefined)
      .map(([name, given]) => ({ path: field.split("."), rule: KINDS[name as keyof InputRule], given })),
  );

/** Parses rules that were checked; throws when one of them is for nothing that is open. */
export function compileInputRules(inputs: ProxyOptions["inputs"], open: readonly string[]): InputRules {
  if (inputs === undefined) return () => [];
  const rules = Object.values(inputs as Record<string, Record<string, InputRule>>).map(rulesOf);
  const patterns = patternTable(Object.keys(inputs), { place: ["inputs"], covered: true, open });
  return (endpoint, isStreamed) =>
    endpoint === undefined ? [] : patterns.about(endpoint, isStreamed).flatMap((place) => rules[place] ?? []);
}

function violated(path: string[], type: string, msg: string): never {
  throw new Refusal(INPUT, { detail: [{ loc: ["body", ...path], msg, type }] });
}

/** The fields of an object, at whatever depth; undefined when the text is another value. What is not taken is the visitor's fault. */
function read(text: string): Fields | undefined {
  try {
    return fieldsOf(text);
  } catch (error) {
    if (error instanceof JsonError) violated([], "json_invalid", error.message);
    throw error;
  }
}

function parse(bytes: Uint8Array): Fields {
  const none = () => violated([], "json_invalid", "The body is not one JSON object in UTF-8");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return none();
  }
  return read(text) ?? none();
}

/** The fields of a field that is an object. They are read once, and written anew. */
function inside(fields: Fields, name: string): Fields | undefined {
  const value = fields.get(name);
  if (typeof value !== "string") return value;
  const inner = read(value);
  if (inner) fields.set(name, inner);
  return inner;
}

/** Checks an input against a rule. */
function check(input: Fields, { path, rule, given }: FieldRule): void {
  let fields = input;
  for (const [depth, name] of path.slice(0, -1).entries()) {
    if (!fields.has(name)) return;
    fields = inside(fields, name) ?? violated(path.slice(0, depth + 1), "dict_type", "Input should be an object");
  }
  const value = fields.get(path.at(-1) as string);
  if (value !== undefined && !rule.keeps(judged(value), given)) violated(path, rule.type, rule.says(given));
}

/** The body of an input that keeps the rules, with what they fix put in. */
export function enforce(rules: FieldRule[], bytes: Uint8Array): RequestBody {
  const input = parse(bytes);
  for (const rule of rules) check(input, rule);
  const fixed = rules
    .filter(({ rule }) => rule === KINDS.fixed)
    .map(({ path, given }) => [path[0] as string, JSON.stringify(given)] as const);
  return wholeBody(new TextEncoder().encode(writeFields(new Map([...fixed, ...input]))));
}
