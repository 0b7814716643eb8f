/**
 * What browsers may put into inputs. An input with rules is read, held against them, and written anew: what is checked is
 * what is sent, so that no second reader can understand it differently.
 */

import { INPUT } from "./refusals.ts";
import { wholeBody } from "./body.ts";
import { patternsFor } from "#core";
import { callCore } from "../core/call-core.ts";
import { invalidOption } from "../client/options.ts";
import { Refused } from "./refused.ts";

/** @typedef {import("../types/proxy.d.ts").ProxyOptions} ProxyOptions */
/** @typedef {[path: string[], rule: string, given: any]} Rule */

const MAX_PATH = 4;

/** @param {any} value */
const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @param {any} value */
const isScalar = (value) => value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
/** @param {any} value */
const isCount = (value) => Number.isInteger(value) && value >= 0;
/** @param {any} value */
const json = (value) => JSON.stringify(value);

/**
 * Each rule: what it may be given, whether a value keeps it, and what is said when it does not, as fal says it.
 *
 * @type {Record<string, { takes: (given: any) => boolean, keeps: (value: any, given: any) => boolean, type: string,
 *   says: (given: any) => string }>}
 */
const RULES = {
  max: {
    takes: Number.isFinite,
    keeps: (value, given) => typeof value === "number" && value <= given,
    type: "less_than_equal",
    says: (given) => `Input should be a number less than or equal to ${given}`,
  },
  min: {
    takes: Number.isFinite,
    keeps: (value, given) => typeof value === "number" && value >= given,
    type: "greater_than_equal",
    says: (given) => `Input should be a number greater than or equal to ${given}`,
  },
  maxLength: {
    takes: isCount,
    keeps: (value, given) => typeof value === "string" && (value.length <= given || [...value].length <= given),
    type: "string_too_long",
    says: (given) => `Input should be a text of at most ${given} characters`,
  },
  maxItems: {
    takes: isCount,
    keeps: (value, given) => Array.isArray(value) && value.length <= given,
    type: "too_long",
    says: (given) => `Input should be a list of at most ${given} items`,
  },
  oneOf: {
    takes: (given) => Array.isArray(given) && given.length > 0 && given.every(isScalar),
    keeps: (value, given) => given.includes(value),
    type: "literal_error",
    says: (given) => `Input should be one of ${given.map(json).join(", ")}`,
  },
  fixed: {
    takes: isScalar,
    keeps: (value, given) => value === given,
    type: "literal_error",
    says: (given) => `Input should be ${json(given)}`,
  },
  absent: {
    takes: (given) => given === true,
    keeps: () => false,
    type: "extra_forbidden",
    says: () => "The field is not allowed",
  },
};

/** @param {any} value @returns {[string, any][]} */
const entries = (value) => (isPlain(value) ? Object.entries(value) : invalidOption("inputs"));

/** The rules of one pattern; throws when one of them is none. @param {any} fields @returns {Rule[]} */
const rulesOf = (fields) =>
  entries(fields).flatMap(([field, rules]) => {
    const path = field.split(".");
    if (path.length > MAX_PATH || path.includes("")) invalidOption("inputs");
    return entries(rules).map(([rule, given]) => {
      // A fixed value is put in where it is absent, and only at the top it is known where that is.
      const isKnown = Object.hasOwn(RULES, rule) && RULES[rule].takes(given) && (rule !== "fixed" || path.length === 1);
      return isKnown ? /** @type {Rule} */ ([path, rule, given]) : invalidOption("inputs");
    });
  });

/** Checks the rules. @param {ProxyOptions} options */
export function checkInputs({ inputs = {} }) {
  for (const [pattern, fields] of entries(inputs)) {
    rulesOf(fields);
    try {
      patternsFor([pattern], "");
    } catch {
      invalidOption("inputs");
    }
  }
}

/**
 * The rules for the inputs of an endpoint; none when its body need not be read. All that fit hold.
 *
 * @param {ProxyOptions} options @param {string | undefined} endpoint
 * @returns {Rule[]}
 */
export function rulesFor({ inputs }, endpoint) {
  if (inputs === undefined || endpoint === undefined) return [];
  const patterns = Object.keys(inputs);
  return [...callCore(() => patternsFor(patterns, endpoint))].flatMap((place) => rulesOf(inputs[patterns[place]]));
}

/** @param {string[]} path @param {string} type @param {string} msg @returns {never} */
function violated(path, type, msg) {
  throw new Refused(INPUT, { detail: [{ loc: ["body", ...path], msg, type }] });
}

/** @param {Uint8Array} bytes */
function read(bytes) {
  try {
    const input = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isPlain(input)) return input;
  } catch {
    // It is none.
  }
  return violated([], "json_invalid", "The body is not one JSON object in UTF-8");
}

/** Holds an input against a rule. @param {any} input @param {Rule} rule */
function hold(input, [path, rule, given]) {
  let value = input;
  for (const [depth, name] of path.entries()) {
    if (!isPlain(value)) return violated(path.slice(0, depth), "dict_type", "Input should be an object");
    if (!Object.hasOwn(value, name)) return;
    value = value[name];
  }
  const { keeps, type, says } = RULES[rule];
  if (!keeps(value, given)) violated(path, type, says(given));
}

/**
 * An input that keeps the rules, with what they fix put in.
 *
 * @param {Rule[]} rules @param {Uint8Array<ArrayBuffer>} bytes
 */
export function judged(rules, bytes) {
  const input = read(bytes);
  for (const rule of rules) hold(input, rule);
  const fixed = rules.filter(([, rule]) => rule === "fixed").map(([[name], , given]) => [name, given]);
  return wholeBody(new TextEncoder().encode(JSON.stringify({ ...Object.fromEntries(fixed), ...input })));
}
