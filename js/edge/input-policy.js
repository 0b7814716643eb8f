/** What browsers may put into inputs: the rules are read here and judged by the core (src/proxy/input). */

import { INPUT } from "./answers.js";
import { wholeBody } from "./body.js";
import { InputRules } from "./core.js";
import { enter } from "./enter.js";
import { refuse } from "./options.js";
import { Refused } from "./refused.js";

/** @typedef {import("../types/proxy.d.ts").ProxyOptions} ProxyOptions */
/** @typedef {import("./core.js").InputReading} InputReading */

/** As much of a body as the core is shown at once. */
const PIECE = 64 * 1024;

/** The rules of an app; throws when one of them is none. Has to be freed. @param {ProxyOptions} options */
function rulesOf({ inputs = {} }) {
  const rules = new InputRules();
  try {
    for (const [pattern, fields] of entries(inputs)) {
      for (const [path, given] of entries(fields)) {
        for (const [rule, value] of entries(given)) {
          const values = (rule === "oneOf" && Array.isArray(value) ? value : [value]).map(json);
          const said = rule === "oneOf" ? values.join(", ") : values[0];
          if (!rules.add(pattern, path, rule, values, said)) refuse("inputs");
        }
      }
    }
    return rules;
  } catch (error) {
    rules.free();
    throw error;
  }
}

/** @param {any} value @returns {[string, any][]} */
const entries = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : refuse("inputs");

/** @param {any} value @returns {string} */
const json = (value) => JSON.stringify(value) ?? refuse("inputs");

/** Checks the rules. @param {ProxyOptions} options */
export const checkInputs = (options) => rulesOf(options).free();

/**
 * The check of an input for an endpoint; undefined when there are no rules for it, and its body need not be read.
 *
 * @param {ProxyOptions} options @param {string | undefined} endpoint
 */
export function readingFor(options, endpoint) {
  if (options.inputs === undefined || endpoint === undefined) return undefined;
  const rules = rulesOf(options);
  try {
    return rules.check(endpoint);
  } finally {
    rules.free();
  }
}

/** Type and sentence of each violation, as fal has them. @type {Record<number, [type: string, say: (given: string) => string]>} */
const VIOLATIONS = {
  1: ["json_invalid", () => "The body is not one JSON object in UTF-8"],
  2: ["value_error", () => "The field is there twice"],
  3: ["dict_type", () => "Input should be an object"],
  4: ["less_than_equal", (given) => `Input should be a number less than or equal to ${given}`],
  5: ["greater_than_equal", (given) => `Input should be a number greater than or equal to ${given}`],
  6: ["string_too_long", (given) => `Input should be a text of at most ${given} characters`],
  7: ["too_long", (given) => `Input should be a list of at most ${given} items`],
  8: ["literal_error", (given) => `Input should be one of ${given}`],
  9: ["literal_error", (given) => `Input should be ${given}`],
  10: ["extra_forbidden", () => "The field is not allowed"],
};

/**
 * A body that keeps the rules, with what they fix put in.
 *
 * @param {InputReading} reading Is freed.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function judged(reading, bytes) {
  try {
    return enter(() => {
      let fits = true;
      for (let at = 0; fits && at < bytes.byteLength; at += PIECE) fits = reading.push(bytes.subarray(at, at + PIECE));
      if (!fits || !reading.finish()) {
        const [type, say] = VIOLATIONS[reading.violation()];
        const detail = [{ loc: ["body", ...reading.path()], msg: say(reading.given()), type }];
        throw new Refused(INPUT, { detail });
      }
      const text = reading.insertion();
      return wholeBody(text === "" ? bytes : spliced(bytes, reading.insertAt(), new TextEncoder().encode(text)));
    });
  } finally {
    reading.free();
  }
}

/** @param {Uint8Array} bytes @param {number} at @param {Uint8Array} more */
function spliced(bytes, at, more) {
  const all = new Uint8Array(bytes.byteLength + more.byteLength);
  all.set(bytes.subarray(0, at));
  all.set(more, at);
  all.set(bytes.subarray(at), at + more.byteLength);
  return all;
}
