/**
 * JSON of which some fields are judged, and which is written anew: what is sent is what was judged, so that no second reader can
 * understand it differently. Of a field that occurs twice the last counts. What is not judged is checked and stays as it was
 * written, numbers above all: those of JavaScript would lose digits, and `JSON.parse` turns 1e400 into Infinity, which it
 * writes as `null`. It is never built from its text either, so that a body takes the memory of its bytes and little more.
 */

/** The fields of an object: each is the text of its value, or was looked into. */
export type Fields = Map<string, string | Fields>;

/** A list, of which only the length is known. */
export interface ListLength {
  readonly items: number;
}

/** Why a text is not taken. */
export class JsonError extends Error {}

/** Deeper is no input of a model, and more than many readers take. */
const MAX_DEPTH = 64;
/** More fields than any input has, in an object that is looked into. */
const MAX_FIELDS = 1024;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** A text without escapes, as most are. */
const TEXT = /"[^"\\\u0000-\u001f]*"/y;

/** Reads a text from its beginning to its end, and builds nothing. */
class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Goes over what a sticky pattern matches. */
  passes(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  fail(): never {
    throw new JsonError(`The body is not JSON at character ${this.at}`);
  }

  /** The next character that is no space. */
  peek(): string | undefined {
    this.passes(SPACE);
    return this.text[this.at];
  }

  take(char: string): void {
    if (this.peek() !== char) this.fail();
    this.at += 1;
  }

  /** The end of the whole text. */
  end(): void {
    if (this.peek() !== undefined) this.fail();
  }

  string(): void {
    if (this.peek() !== '"') this.fail();
    if (this.passes(TEXT)) return;
    const start = this.at;
    let end = start;
    let slashes: number;
    do {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) this.fail();
      slashes = end;
      while (this.text[slashes - 1] === "\\") slashes -= 1;
    } while ((end - slashes) % 2 === 1);
    try {
      JSON.parse(this.text.slice(start, end + 1));
    } catch {
      this.fail();
    }
    this.at = end + 1;
  }

  number(): void {
    const start = this.at;
    if (!this.passes(NUMBER)) this.fail();
    const isShort = this.at - start < 300 && this.text.slice(start, this.at).search(/e/i) < 0;
    if (isShort || Number.isFinite(Number(this.text.slice(start, this.at)))) return;
    throw new JsonError("The body has a number that is too large");
  }

  /** What stands between brackets, with commas between; how many that are. */
  items(close: string, item: () => void): number {
    this.at += 1;
    if (this.peek() !== close) {
      let count = 1;
      for (item(); this.peek() !== close; item()) {
        this.take(",");
        count += 1;
      }
      this.at += 1;
      return count;
    }
    this.at += 1;
    return 0;
  }

  /** Any value. */
  value(depth: number): void {
    const first = this.peek();
    if (first === '"') return this.string();
    if (first === "{" || first === "[") {
      if (depth === MAX_DEPTH) throw new JsonError(`The body is nested deeper than ${MAX_DEPTH} levels`);
      const item = first === "[" ? () => this.value(depth + 1) : () => this.field(depth);
      this.items(first === "[" ? "]" : "}", item);
      return;
    }
    if (!this.passes(WORD)) this.number();
  }

  field(depth: number): void {
    this.string();
    this.take(":");
    this.value(depth + 1);
  }
}

/** The fields of an object; undefined when the text is another value. Throws a `JsonError` when it is none. */
export function fieldsOf(text: string): Fields | undefined {
  const scanner = new Scanner(text);
  if (scanner.peek() !== "{") {
    scanner.value(0);
    scanner.end();
    return undefined;
  }
  const fields: Fields = new Map();
  /** What `read` goes over. */
  const piece = (read: () => void): string => {
    scanner.peek();
    const start = scanner.at;
    read();
    return text.slice(start, scanner.at);
  };
  scanner.items("}", () => {
    const name: string = JSON.parse(piece(() => scanner.string()));
    scanner.take(":");
    fields.set(
      name,
      piece(() => scanner.value(1)),
    );
    if (fields.size > MAX_FIELDS) throw new JsonError(`The body has an object with more than ${MAX_FIELDS} fields`);
  });
  scanner.end();
  return fields;
}

/** Writes fields as they were read. */
export const writeFields = (fields: Fields): string =>
  `{${[...fields].map(([name, value]) => `${JSON.stringify(name)}:${typeof value === "string" ? value : writeFields(value)}`).join(",")}}`;

/**
 * What a value is to be judged as: a scalar, or how long a list is. Undefined for an object, and for a number of which
 * JavaScript has only a neighbour.
 */
export function judged(value: string | Fields): string | number | boolean | null | ListLength | undefined {
  if (typeof value !== "string" || value[0] === "{") return undefined;
  if (value[0] === "[") {
    const scanner = new Scanner(value);
    return { items: scanner.items("]", () => scanner.value(1)) };
  }
  return /^[-\d]/.test(value) ? exact(value) : JSON.parse(value);
}

/** The number that a text is; undefined when JavaScript has only one that is near. */
function exact(text: string): number | undefined {
  const value = Number(text);
  return plain(text) === plain(String(value)) ? value : undefined;
}

/** A number as its digits without zeros at the ends, and where they begin: two spellings of a number have the same. */
function plain(text: string): string {
  const [, sign = "", whole = "", part = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = (whole + part).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - part.length + digits.length - significant.length}`;
}
