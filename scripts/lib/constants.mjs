/**
 * Constants that cost a page nothing: a bundler keeps a variable for each, although its value is as short where it is used.
 *
 * What esbuild has printed has one statement in a line and no comments, so that patterns find what they are meant to.
 */

import { readFileSync } from "node:fs";

import { path } from "./run.mjs";
import { files } from "./stamp.mjs";

const NUMBER = /^-?\d[\d._e]*(?: (?:\*\*|<<|-) \d+)*$/;
const TEXT = /"(?:[^"\\]|\\.)*"/;
const EXPRESSION = /\/(?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[a-z]*/;
const LIST = new RegExp(`\\[(?:(?:-?\\d+|${TEXT.source})(?:, |(?=\\])))+\\]`);
const ONCE = new RegExp(`^(?:${TEXT.source}|${EXPRESSION.source}|${LIST.source})$`);

/** Uses of a name, and what may be none: a property, a text, a part of another name. @param {string} name */
const uses = (name) => new RegExp(`(?<![.\\w$"'\`/-])${name}(?![\\w$"'\`/:-])`, "g");
const anything = (/** @type {string} */ name) => new RegExp(`\\b${name}\\b`, "g");

/** Texts, in which a name is a word and no use of it. */
const LITERALS = new RegExp(`${TEXT.source}|\`(?:[^\`\\\\]|\\\\.)*\``, "g");
/** @param {string} code @param {string} name */
const isSaid = (code, name) => code.match(LITERALS)?.some((text) => anything(name).test(text)) ?? false;

/** @param {string} text @param {RegExp} pattern */
const count = (text, pattern) => text.match(pattern)?.length ?? 0;

/** Whether a value can stand where its constant is used: a number anywhere, a text, an expression or a list in one place. */
const fits = (/** @type {string} */ value, /** @type {number} */ places) =>
  NUMBER.test(value) ? places * value.length < 16 || places === 1 : places === 1 && ONCE.test(value);

/** @param {string} code @param {string} name @param {string} value */
const placed = (code, name, value) =>
  code.replace(uses(name), () => (value.includes(" ") && NUMBER.test(value) ? `(${value})` : value));

/** A module whose own constants are where they are used. @param {string} code */
export function placeOwn(code) {
  for (const [line, name = "", value = ""] of code.matchAll(/^const ([A-Z][A-Z0-9_]*) = (.+);\n/gm)) {
    const rest = code.replace(line, "");
    const places = count(rest, uses(name));
    const isPlain = places === count(rest, anything(name)) && !new RegExp(`[{,]\\s*${name}\\s*[,}]`).test(rest);
    if (isPlain && !isSaid(rest, name) && fits(value, places)) code = placed(rest, name, value);
  }
  return code;
}

/** The wire table, whose constants other modules import. */
const WIRE = "js/core/wire.ts";
const IMPORT = /^import \{([^}]*)\} from "[./]*(?:core\/)?wire\.ts";\n/gm;
const namesIn = (/** @type {string} */ list) => list.split(",").flatMap((name) => name.trim() || []);

/** Values of the table's exports that can be where they are imported, by their names. */
export function placedExports() {
  const sources = files(path("js")).map((file) => readFileSync(file, "utf8"));
  const importers = sources.map((source) => ({
    names: [...source.matchAll(IMPORT)].flatMap(([, list = ""]) => namesIn(list)),
    code: source.replace(IMPORT, ""),
  }));
  const places = (/** @type {string} */ name) =>
    importers.reduce((sum, { names, code }) => sum + (names.includes(name) ? count(code, anything(name)) : 0), 0);
  const constants = readFileSync(path(WIRE), "utf8").matchAll(
    /^export const (\w+)(?:: [^=]+)? =\s+(.+?)(?: as const)?;$/gm,
  );
  return new Map(
    [...constants].flatMap(([, name = "", value = ""]) =>
      fits(value, places(name)) && !importers.some(({ names, code }) => names.includes(name) && isSaid(code, name))
        ? [/** @type {[string, string]} */ ([name, value])]
        : [],
    ),
  );
}

/** A module with these where it imports them. @param {string} code @param {Map<string, string>} values */
export function placeImports(code, values) {
  let rest = code.replace(IMPORT, "");
  const kept = [...code.matchAll(IMPORT)].map(([statement, list = ""]) => {
    const names = namesIn(list);
    for (const name of names) rest = placed(rest, name, values.get(name) ?? name);
    const left = names.filter((name) => !values.has(name));
    return left.length > 0 ? statement.replace(list, ` ${left.join(", ")} `) : "";
  });
  return kept.join("") + rest;
}
