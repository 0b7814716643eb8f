/**
 * What browsers may put into inputs. An input with rules is read, checked, and written anew: what is checked is what is sent,
 * so that no second reader can understand it differently.
 */

import { invalidOption } from "../client/options.ts";
import { patternTable } from "../core/pattern-table.ts";
import { type RequestBody, wholeBody } from "./body.ts";
import { INPUT, Refusal } from "./refusals.ts";
import type { InputRule } from "./types.ts";

/** A rule for one field. */
export interface FieldRule {
  path: string[];
  rule: Kind;
  /** What the rule was given: the largest number, the list of allowed values. */
  given: unknown;
}

/** The rules for the inputs of an endpoint: all that match hold. None when its body need not be read. */
export type InputRules = (endpoint: string | undefined) => FieldRule[];

interface Kind {
  /** Whether a rule of this kind may be given this. */
  takes(given: any): boolean;
  /** Whether a value keeps the rule. */
  keeps(value: unknown, given: any): boolean;
  /** What fal calls an error of this kind, and what it says. */
  type: string;
  says(given: any): string;
}

type Plain = Record<string, unknown>;

const MAX_PATH = 4;

const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

const KINDS: Record<keyof InputRule, Kind> = {
  max: {
    takes: Number.isFinite,
    keeps: (value, given: number) => typeof value === "number" && value <= given,
    type: "less_than_equal",
    says: (given) => `Input should be a number less than or equal to ${given}`,
  },
  min: {
    takes: Number.isFinite,
    keeps: (value, given: number) => typeof value === "number" && value >= given,
    type: "greater_than_equal",
    says: (given) => `Input should be a number greater than or equal to ${given}`,
  },
  maxLength: {
    takes: isCount,
    keeps: (value, given: number) => typeof value === "string" && (value.length <= given || [...value].length <= given),
    type: "string_too_long",
    says: (given) => `Input should be a text of at most ${given} characters`,
  },
  maxItems: {
    takes: isCount,
    keeps: (value, given: number) => Array.isArray(value) && value.length <= given,
    type: "too_long",
    says: (given) => `Input should be a list of at most ${given} items`,
  },
  oneOf: {
    takes: (given) => Array.isArray(given) && given.length > 0 && given.every(isScalar),
    keeps: (value, given: unknown[]) => given.includes(value),
    type: "literal_error",
    says: (given: unknown[]) => `Input should be one of ${given.map((value) => JSON.stringify(value)).join(", ")}`,
  },
  fixed: {
    takes: isScalar,
    keeps: (value, given) => value === given,
    type: "literal_error",
    says: (given) => `Input should be ${JSON.stringify(given)}`,
  },
  absent: {
    takes: (given) => given === true,
    keeps: () => false,
    type: "extra_forbidden",
    says: () => "The field is not allowed",
  },
};

const entriesOf = (value: unknown): [string, unknown][] =>
  isPlain(value) ? Object.entries(value) : invalidOption("inputs");

/** Reads the rules of one pattern; throws when one of them is none. */
const rulesOf = (fields: unknown): FieldRule[] =>
  entriesOf(fields).flatMap(([field, rules]) => {
    const path = field.split(".");
    if (path.length > MAX_PATH || path.includes("")) invalidOption("inputs");
    return entriesOf(rules).map(([name, given]) => {
      const rule = Object.hasOwn(KINDS, name) ? KINDS[name as keyof InputRule] : invalidOption("inputs");
      // A fixed value is put in where it is absent, and only at the top of an input it is certain where that is.
      const isKnown = rule.takes(given) && (rule !== KINDS.fixed || path.length === 1);
      return isKnown ? { path, rule, given } : invalidOption("inputs");
    });
  });

/** Reads rules, and parses their patterns; throws what is wrong with them. */
export function compileInputRules(inputs: unknown): InputRules {
  if (inputs === undefined) return () => [];
  const patterns = entriesOf(inputs).map(([pattern, fields]) => ({ pattern, rules: rulesOf(fields) }));
  const names = patterns.map(({ pattern }) => pattern);
  const matching = patternTable(names, "inputs");
  return (endpoint) =>
    endpoint === undefined ? [] : matching(endpoint).flatMap((place) => patterns[place]?.rules ?? []);
}

function violated(path: string[], type: string, msg: string): never {
  throw new Refusal(INPUT, { detail: [{ loc: ["body", ...path], msg, type }] });
}

function parse(bytes: Uint8Array): Plain {
  try {
    const input: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isPlain(input)) return input;
  } catch {
    // Refused below.
  }
  return violated([], "json_invalid", "The body is not one JSON object in UTF-8");
}

/** Checks an input against a rule. */
function check(input: Plain, { path, rule, given }: FieldRule): void {
  let value: unknown = input;
  for (const [depth, name] of path.entries()) {
    if (!isPlain(value)) return violated(path.slice(0, depth), "dict_type", "Input should be an object");
    if (!Object.hasOwn(value, name)) return;
    value = value[name];
  }
  if (!rule.keeps(value, given)) violated(path, rule.type, rule.says(given));
}

/** The body of an input that keeps the rules, with what they fix put in. */
export function enforce(rules: FieldRule[], bytes: Uint8Array): RequestBody {
  const input = parse(bytes);
  for (const rule of rules) check(input, rule);
  const fixed = rules.filter(({ rule }) => rule === KINDS.fixed).map(({ path, given }) => [path[0], given]);
  return wholeBody(new TextEncoder().encode(JSON.stringify({ ...Object.fromEntries(fixed), ...input })));
}
