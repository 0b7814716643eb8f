/**
 * What options may be, as tables: a row for each name, with what it takes in words. A name that no row has, a missing one
 * that is needed, and a value of another shape are errors that say where, what it takes, and which name is nearest.
 *
 * The compiler holds each table against the type of its options (`Rows`): none can lack a name or have one too many.
 */

import { notKnown } from "./nearest-name.ts";
import { invalidOption } from "./checks.ts";

/** Where a value is: the name of the option, then the names that lead into it. */
type Place = readonly string[];

/** What a value may be. */
export interface Shape {
  /** In words, after "takes". */
  readonly takes: string;
  /** Whether a value is of this kind at all. */
  fits(value: any): boolean;
  /** Throws what is wrong inside of a value of this kind. */
  inside?(value: any, place: Place): void;
}

/** The shape of an option that has to be given. */
export interface Needed extends Shape {
  readonly isNeeded: true;
}

/** The rows of a table for options of a type: all of its names, and those that must be given marked as such. */
export type Rows<Options> = { readonly [Name in keyof Options]-?: {} extends Pick<Options, Name> ? Shape : Needed };

/** A name as it may be printed. A key in the wrong place is none. */
const printed = (name: string): string => (/^[\w$*./-]{1,128}$/.test(name) ? name : "…");

/** Throws what is wrong at a place. `what` goes on after its name. */
export function wrongAt([option = "options", ...rest]: Place, what: string): never {
  return invalidOption(
    printed(option),
    rest.length > 0 ? `is wrong: \`${rest.map(printed).join(".")}\` ${what}` : what,
  );
}

const KINDS: Record<string, string> = {
  boolean: "true or false",
  function: "a function",
  number: "a number",
  object: "an object",
  string: "a text",
};

/** What a value is, never the value. */
const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "a list" : (KINDS[typeof value] ?? `a ${typeof value}`);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Checks a value. */
export function checkShape(shape: Shape, value: unknown, place: Place): void {
  if (!shape.fits(value)) wrongAt(place, `takes ${shape.takes}, and was given ${kindOf(value)} that is not.`);
  shape.inside?.(value, place);
}

/** A shape that is a question about a value. */
export const shape = (takes: string, fits: (value: any) => boolean): Shape => ({ takes, fits });

/** A shape of a value that has to be given. */
export const needed = (of: Shape): Needed => ({ ...of, isNeeded: true });

export const anything = shape("anything", () => true);
export const yesOrNo = shape("true or false", (value) => typeof value === "boolean");
export const func = shape("a function", (value) => typeof value === "function");
export const text = shape("a text", (value) => typeof value === "string");
export const positive = shape(
  "a number above 0",
  (value) => typeof value === "number" && value > 0 && value < Infinity,
);
export const amount = shape("a number, 0 or above", (value) => value === 0 || positive.fits(value));

/** A whole number, from `least` to `most`. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Shape =>
  shape(
    most === Number.MAX_SAFE_INTEGER ? `a whole number, ${least} or above` : `a whole number from ${least} to ${most}`,
    (value) => Number.isInteger(value) && value >= least && value <= most,
  );

/** One of a few words. */
export const word = (...words: readonly unknown[]): Shape =>
  shape(words.map((one) => JSON.stringify(one)).join(" or "), (value) => words.includes(value));

/** An object with these methods, such as a store. */
export const having = (...methods: readonly string[]): Shape =>
  shape(`an object with the method ${methods.join(" and ")}`, (value) =>
    methods.every((name) => typeof value?.[name] === "function"),
  );

/** A list of at least so many of a shape. */
export const list = (of: Shape, { least = 0, most = Infinity } = {}): Shape => ({
  takes: `a list${least > 0 ? ` of at least ${least}` : ""}; each item ${of.takes}`,
  fits: (value) => Array.isArray(value) && value.length >= least && value.length <= most,
  inside: (value: unknown[], place) => value.forEach((item, index) => checkShape(of, item, [...place, String(index)])),
});

/** One of several shapes: that which fits. */
export const either = (...shapes: readonly Shape[]): Shape => ({
  takes: shapes.map(({ takes }) => takes).join(", or "),
  fits: (value) => shapes.some((one) => one.fits(value)),
  inside: (value, place) => shapes.find((one) => one.fits(value))?.inside?.(value, place),
});

/** An object whose names are the caller's own, such as endpoint patterns. An empty one would say nothing. */
export const table = (name: Shape, of: Shape): Shape => ({
  takes: `an object with at least one entry: ${name.takes}, with ${of.takes}`,
  fits: (value) => isObject(value) && Object.keys(value).length > 0,
  inside(value: object, place) {
    for (const [key, one] of Object.entries(value)) {
      checkShape(name, key, [...place, key]);
      checkShape(of, one, [...place, key]);
    }
  },
});

/** An object with the rows of a table, of which `oneOf` names those without which it would do nothing. */
export function object<Options>(
  rows: Rows<Options>,
  { oneOf = [] }: { oneOf?: readonly (keyof Options & string)[] } = {},
): Shape {
  const all = rows as Record<string, Shape & Partial<Needed>>;
  const names = Object.keys(all);
  return {
    takes: `an object with ${names.join(", ")}`,
    fits: isObject,
    inside(value: Record<string, unknown>, place) {
      for (const name of Object.keys(value)) {
        if (!Object.hasOwn(all, name)) {
          wrongAt([...place, name], `${notKnown(name, names)} There are ${names.join(", ")}.`);
        }
      }
      for (const name of names) {
        const row = all[name] as Shape & Partial<Needed>;
        if (value[name] !== undefined) checkShape(row, value[name], [...place, name]);
        else if (row.isNeeded) wrongAt([...place, name], `is missing. It takes ${row.takes}.`);
      }
      if (oneOf.length > 0 && oneOf.every((name) => value[name] === undefined)) {
        wrongAt(place, `does nothing without one of ${oneOf.join(", ")}.`);
      }
    },
  };
}

/** Checks options as a whole. */
export function checkOptions(of: Shape, options: unknown): void {
  if (!of.fits(options)) invalidOption("options", `are missing. They are ${of.takes}.`);
  of.inside?.(options, []);
}
