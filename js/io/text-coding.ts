/**
 * `TextEncoder` and `TextDecoder`, where there are none: Jest's jsdom, and Hermes. Only the builds that may get there have
 * this module in them (`scripts/lib/commonjs.mjs`). As the Encoding Standard has them, as far as this package uses
 * them: UTF-8, and bytes as they are under the name of `latin1`.
 */

/** Code points per call of `fromCodePoint`: an engine takes only so many arguments. */
const CHUNK = 4_096;
const REPLACEMENT = 0xfffd;

class Encoder {
  encode(text = ""): Uint8Array<ArrayBuffer> {
    // No UTF-16 unit takes more than three bytes.
    const bytes = new Uint8Array(text.length * 3);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }

  encodeInto(text: string, bytes: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const character of text) {
      const unit = character.codePointAt(0) as number;
      const point = unit >= 0xd800 && unit <= 0xdfff ? REPLACEMENT : unit;
      const more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
      if (written + more >= bytes.length) break;
      bytes[written++] = more === 0 ? point : ((0xff00 >> (more + 1)) & 0xff) | (point >> (6 * more));
      for (let left = more - 1; left >= 0; left -= 1) bytes[written++] = 0x80 | ((point >> (6 * left)) & 0x3f);
      read += character.length;
    }
    return { read, written };
  }
}

interface DecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

class Decoder {
  readonly #plain: boolean;
  readonly #options: DecoderOptions;

  constructor(label = "utf-8", options: DecoderOptions = {}) {
    this.#plain = label === "latin1";
    this.#options = options;
  }

  decode(input: ArrayBuffer | ArrayBufferView = new Uint8Array()): string {
    const bytes = ArrayBuffer.isView(input)
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
    const points = this.#plain ? bytes : codePoints(bytes, this.#options);
    let text = "";
    for (let from = 0; from < points.length; from += CHUNK)
      text += String.fromCodePoint(...points.slice(from, from + CHUNK));
    return text;
  }
}

/** The "UTF-8 decoder" of the Encoding Standard. */
function codePoints(bytes: Uint8Array, { fatal = false, ignoreBOM = false }: DecoderOptions): number[] {
  const points: number[] = [];
  const wrong = () => {
    if (fatal) throw new TypeError("The encoded data was not valid for encoding utf-8");
    points.push(REPLACEMENT);
  };
  let point = 0;
  let needed = 0;
  let lower = 0x80;
  let upper = 0xbf;
  for (let place = 0; place < bytes.length; place += 1) {
    const byte = bytes[place] as number;
    if (needed === 0) {
      if (byte < 0x80) points.push(byte);
      else if (byte < 0xc2 || byte > 0xf4) wrong();
      else {
        needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        point = byte & (0x3f >> needed);
        // What would be longer than it has to be, a surrogate, or beyond the last code point.
        lower = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
        upper = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
      }
      continue;
    }
    if (byte < lower || byte > upper) {
      needed = 0;
      wrong();
      // It begins something of its own.
      place -= 1;
      continue;
    }
    [lower, upper] = [0x80, 0xbf];
    point = (point << 6) | (byte & 0x3f);
    needed -= 1;
    if (needed === 0) points.push(point);
  }
  if (needed > 0) wrong();
  if (!ignoreBOM && points[0] === 0xfeff) points.shift();
  return points;
}

const scope = globalThis as { TextEncoder?: typeof Encoder; TextDecoder?: typeof Decoder };

/** The place's own, or these. */
export const TextEncoder = scope.TextEncoder ?? Encoder;
export const TextDecoder = scope.TextDecoder ?? Decoder;

/** @internal For tests: these, whatever the place has. */
export const own = { TextEncoder: Encoder, TextDecoder: Decoder };
