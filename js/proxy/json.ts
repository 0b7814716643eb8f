/**
 * JSON that is read, judged, and written anew: what is sent is what was judged, in one spelling, so that no second reader can
 * understand it differently. Of a field that occurs twice the last counts. Numbers are kept as they were written: those of
 * JavaScript would lose digits, and `JSON.parse` turns 1e400 into Infinity, which it writes as `null`.
 */

/** A number as it was written. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The number that JavaScript has for it; undefined when that is another one. */
  get exact(): number | undefined {
    const value = Number(this.text);
    return Number.isFinite(value) && plain(this.text) === plain(String(value)) ? value : undefined;
  }
}

/** What a JSON text can hold. */
export type Json = null | boolean | string | JsonNumber | Json[] | Map<string, Json>;

/** Deeper is no input of a model, and more than many readers take. */
const MAX_DEPTH = 64;

/** A number as its digits without zeros at the ends, and where they begin: two spellings of a number have the same. */
function plain(text: string): string {
  const [, sign = "", whole = "", part = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = (whole + part).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - part.length + digits.length - significant.length}`;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/** Why a text is not taken. */
export class JsonError extends Error {}

/** Reads a JSON text. Throws a `JsonError` when it is none, is nested too deep, or has a number that is beyond all readers. */
export function parseJson(text: string): Json {
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const next = (): string | undefined => {
    match(SPACE);
    return text[at];
  };
  const take = (char: string): void => {
    if (next() !== char) throw new JsonError(`The body is not JSON at character ${at}`);
    at += 1;
  };
  const string = (): string => {
    const start = at;
    let end = start;
    let escapes: number;
    do {
      end = text.indexOf('"', end + 1);
      if (end < 0) throw new JsonError("The body is not JSON: a text has no end");
      escapes = end;
      while (text[escapes - 1] === "\\") escapes -= 1;
    } while ((end - escapes) % 2 === 1);
    at = end + 1;
    try {
      return JSON.parse(text.slice(start, at));
    } catch {
      throw new JsonError(`The body is not JSON at character ${start}`);
    }
  };
  const number = (): JsonNumber => {
    const found = match(NUMBER);
    if (found === undefined) throw new JsonError(`The body is not JSON at character ${at}`);
    if (!Number.isFinite(Number(found))) throw new JsonError("The body has a number that is too large");
    return new JsonNumber(found);
  };
  /** What stands between brackets, with commas between. */
  const items = (close: string, item: () => void): void => {
    at += 1;
    if (next() === close) return take(close);
    for (item(); next() !== close; item()) take(",");
    take(close);
  };
  const value = (depth: number): Json => {
    const first = next();
    if (first === '"') return string();
    if (first === "{" || first === "[") {
      if (depth === MAX_DEPTH) throw new JsonError(`The body is nested deeper than ${MAX_DEPTH} levels`);
      if (first === "[") {
        const list: Json[] = [];
        items("]", () => list.push(value(depth + 1)));
        return list;
      }
      const fields = new Map<string, Json>();
      items("}", () => {
        if (next() !== '"') throw new JsonError(`The body is not JSON at character ${at}`);
        const name = string();
        take(":");
        fields.set(name, value(depth + 1));
      });
      return fields;
    }
    const word = match(WORD);
    return word === undefined ? number() : word === "null" ? null : word === "true";
  };
  const whole = value(0);
  if (next() !== undefined) throw new JsonError(`The body is not JSON at character ${at}`);
  return whole;
}

/** Writes what was read. */
export function writeJson(value: Json): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([name, of]) => `${JSON.stringify(name)}:${writeJson(of)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
