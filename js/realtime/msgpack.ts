/**
 * MessagePack, the way fal's realtime apps and `@msgpack/msgpack` (which `@fal-ai/client` uses) write it: `undefined` is
 * nil, a `Date` is a timestamp, views are binary, integers are as short as they can be, and 64 bits are read into a
 * number.
 *
 * Two things are different on purpose: an `ArrayBuffer` is binary, too, and what nests too deeply to be a message is
 * refused when it is read, not only when it is written.
 */

const MAX_DEPTH = 100;
/** What a 32-bit half counts in the next one. */
const HALF = 2 ** 32;
const TIMESTAMP = -1;

const encoder = new TextEncoder();
// A byte order mark is text like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A value of an extension type that this package does not know. */
export class ExtData {
  readonly type: number;
  readonly data: Uint8Array;

  constructor(type: number, data: Uint8Array) {
    this.type = type;
    this.data = data;
  }
}

/** Bytes, not copied. */
const bytesOf = (data: ArrayBufferLike | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

/** In how many bytes an unsigned number fits, as a power of two; at least `least`. */
const powerOf = (number: number, least: number): number =>
  Math.max(least, number < 0x100 ? 0 : number < 0x10000 ? 1 : number < HALF ? 2 : 3);

/** ASCII texts that are shorter (as keys are) take less time than a call of `TextEncoder`. */
const SHORT = 48;

/** Where floating-point numbers are taken apart, and put together. */
const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

// What is being written or read. One message is done before the next begins, but for what a getter does.
let bytes: Uint8Array = new Uint8Array(0);
let end = 0;

/** Makes room for so many bytes. */
function room(count: number): void {
  if (end + count <= bytes.length) return;
  const old = bytes;
  bytes = new Uint8Array(Math.max(end + count, end * 2) + 512);
  bytes.set(old);
}

function put(byte: number): void {
  room(1);
  bytes[end++] = byte;
}

function append(data: Uint8Array): void {
  room(data.length);
  bytes.set(data, end);
  end += data.length;
}

/** Writes a number in so many bytes, the highest first. A negative one is the unsigned number with the same bits. */
function digits(number: number, count: number): void {
  room(count);
  end += count;
  for (let at = 1; at <= count; at += 1) {
    bytes[end - at] = number;
    number = Math.floor(number / 256);
  }
}

/** A number in 1, 2, 4 or 8 bytes, behind the byte that says in how many. */
function sized(head: number, number: number, power = powerOf(number, 0)): void {
  put(head + power);
  digits(number, 1 << power);
}

function integer(number: number): void {
  if (number >= -32 && number < 128) put(number & 255);
  else if (number > 0) sized(0xcc, number);
  else sized(0xd0, number, powerOf((-1 - number) * 2, 0));
}

const textHead = (length: number): void => (length < 32 ? put(0xa0 + length) : sized(0xd9, length));

function string(text: string): void {
  const start = end;
  if (text.length < SHORT) {
    textHead(text.length);
    room(SHORT);
    let at = 0;
    for (let code; (code = text.charCodeAt(at)) < 128; at += 1) bytes[end++] = code;
    if (at === text.length) return;
    end = start;
  }
  const data = encoder.encode(text);
  textHead(data.length);
  append(data);
}

/** What stands before the bytes of an extension. */
function extensionHead(type: number, length: number): void {
  const power = [1, 2, 4, 8, 16].indexOf(length);
  if (power < 0) sized(0xc7, length);
  else put(0xd4 + power);
  put(type & 255);
}

function timestamp(date: Date): void {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new TypeError("An invalid date cannot be written as MessagePack.");
  const seconds = Math.floor(ms / 1000);
  const nanos = (ms - seconds * 1000) * 1e6;
  const high = Math.floor(seconds / HALF);
  const halves =
    high < 0 || high > 3 ? [nanos, high, seconds] : nanos || high ? [nanos * 4 + high, seconds] : [seconds];
  extensionHead(TIMESTAMP, halves.length * 4);
  for (const half of halves) digits(half, 4);
}

/** Refuses what nests too deeply; returns how deep the next level is. */
function below(depth: number): number {
  if (depth > MAX_DEPTH) throw new RangeError(`A message nests at most ${MAX_DEPTH} levels deep.`);
  return depth + 1;
}

function write(item: unknown, depth: number): void {
  const next = below(depth);
  if (item === undefined || item === null) put(0xc0);
  else if (typeof item === "boolean") put(item ? 0xc3 : 0xc2);
  else if (typeof item === "number") {
    if (Number.isSafeInteger(item)) return integer(item);
    put(0xcb);
    scratch.setFloat64(0, item);
    append(scratchBytes);
  } else if (typeof item === "string") string(item);
  else if (typeof item !== "object") throw new TypeError(`A ${typeof item} cannot be written as MessagePack.`);
  else if (item instanceof Date) timestamp(item);
  else if (item instanceof ExtData) {
    extensionHead(item.type, item.data.length);
    append(item.data);
  } else if (item instanceof ArrayBuffer || ArrayBuffer.isView(item)) {
    const data = bytesOf(item);
    sized(0xc4, data.length);
    append(data);
  } else {
    const isList = Array.isArray(item);
    const keys: unknown[] = isList ? item : Object.keys(item);
    if (keys.length < 16) put((isList ? 0x90 : 0x80) + keys.length);
    else sized(isList ? 0xdb : 0xdd, keys.length, powerOf(keys.length, 1));
    for (const key of keys) {
      write(key, next);
      if (!isList) write((item as Record<string, unknown>)[key as string], next);
    }
  }
}

/** Does `work` on bytes of its own: a getter of what is written may write a message itself. */
function within<T>(own: Uint8Array, work: () => T): T {
  const [outer, start] = [bytes, end];
  [bytes, end] = [own, 0];
  try {
    return work();
  } finally {
    // Nothing is kept in memory.
    [bytes, end] = [outer, start];
  }
}

export const encode = (value: unknown): Uint8Array<ArrayBuffer> =>
  within(new Uint8Array(512), () => {
    write(value, 1);
    // What is written is in memory of our own, never shared.
    return bytes.subarray(0, end) as Uint8Array<ArrayBuffer>;
  });

/** Goes on by so many bytes; returns where they begin. */
function take(count: number): number {
  const from = end;
  end += count;
  if (end > bytes.length) throw new RangeError("The message ends before it is complete.");
  return from;
}

const part = (count: number): Uint8Array => bytes.subarray(take(count), end);

/** A number of 1, 2, 4 or 8 bytes. */
function number(power: number, signed = false): number {
  if (power === 3) return number(2, signed) * HALF + number(2);
  let value = 0;
  for (let at = take(1 << power); at < end; at += 1) value = value * 256 + (bytes[at] as number);
  const spare = 32 - (8 << power);
  return signed ? (value << spare) >> spare : value;
}

function float(power: number): number {
  const from = take(1 << power);
  // Faster than a copy, for so few.
  for (let at = from; at < end; at += 1) scratchBytes[at - from] = bytes[at] as number;
  return power === 2 ? scratch.getFloat32(0) : scratch.getFloat64(0);
}

const text = (count: number): string => decoder.decode(part(count));

/** ASCII names that came before: an app repeats the same ones over and over. */
const names: string[] = [];

/** The name of a field. */
function name(count: number): string {
  const from = take(count);
  let [slot, all, at]: [number, number, number] = [0, 0, from];
  for (; at < end; at += 1) {
    const byte = bytes[at] as number;
    slot = (slot * 31 + byte) & 255;
    all |= byte;
  }
  const known = names[slot] ?? "";
  while (at > from && known.charCodeAt(at - from - 1) === bytes[at - 1]) at -= 1;
  if (at === from && all < 128 && known.length === count) return known;
  const fresh = decoder.decode(bytes.subarray(from, end));
  if (all < 128) names[slot] = fresh;
  return fresh;
}

function extension(count: number): Date | ExtData {
  const type = number(0, true);
  if (type !== TIMESTAMP) return new ExtData(type, part(count));
  if (![4, 8, 12].includes(count)) throw new RangeError("The message has a timestamp of a size that there is not.");
  const isLong = count === 12;
  const nanos = count === 4 ? 0 : number(2);
  const seconds = number(isLong ? 3 : 2, isLong);
  // In eight bytes the two lowest bits of the first half are the highest of the seconds.
  const ms = count === 8 ? ((nanos & 3) * HALF + seconds) * 1000 + (nanos >>> 2) / 1e6 : seconds * 1000 + nanos / 1e6;
  return new Date(ms);
}

function list(count: number, depth: number): unknown[] {
  const items: unknown[] = [];
  while (count-- > 0) items.push(read(depth));
  return items;
}

function map(count: number, depth: number): Record<string | number, unknown> {
  const object: Record<string | number, unknown> = {};
  while (count-- > 0) {
    const head = bytes[end] as number;
    const key = head >= 0xa0 && head < 0xc0 ? name(number(0) & 31) : read(depth);
    if ((typeof key !== "string" && typeof key !== "number") || key === "__proto__")
      throw new TypeError("The message has a key that an object cannot have.");
    object[key] = read(depth);
  }
  return object;
}

function read(depth: number): unknown {
  const next = below(depth);
  const head = bytes[take(1)] as number;
  if (head < 0x80) return head;
  if (head < 0x90) return map(head & 15, next);
  if (head < 0xa0) return list(head & 15, next);
  if (head < 0xc0) return text(head & 31);
  if (head >= 0xe0) return head - 0x100;
  if (head === 0xc0) return null;
  if (head === 0xc1) throw new TypeError("The message is not MessagePack.");
  if (head < 0xc4) return head === 0xc3;
  if (head < 0xc7) return part(number(head - 0xc4));
  if (head < 0xca) return extension(number(head - 0xc7));
  if (head < 0xcc) return float(head - 0xc8);
  if (head < 0xd0) return number(head - 0xcc);
  if (head < 0xd4) return number(head - 0xd0, true);
  if (head < 0xd9) return extension(1 << (head - 0xd4));
  if (head < 0xdc) return text(number(head - 0xd9));
  if (head < 0xde) return list(number(head - 0xdb), next);
  return map(number(head - 0xdd), next);
}

export const decode = (data: ArrayBuffer | ArrayBufferView): unknown =>
  within(bytesOf(data), () => {
    const value = read(1);
    if (end < bytes.length) throw new RangeError("The message goes on after its end.");
    return value;
  });
