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

/** What a message says in a type of its own that we do not know. */
export class ExtData {
  /** @param {number} type @param {Uint8Array} data */
  constructor(type, data) {
    this.type = type;
    this.data = data;
  }
}

/** @param {ArrayBuffer | ArrayBufferView} data */
const bytesOf = (data) =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

/** In how many bytes an unsigned number fits, as a power of two; at least in this many. @param {number} number @param {number} least */
const powerOf = (number, least) => Math.max(least, number < 0x100 ? 0 : number < 0x10000 ? 1 : number < HALF ? 2 : 3);

/** Texts that are shorter and plain (keys are) take less time than a call of the platform. */
const SHORT = 48;

/** Where numbers are taken apart, and put together. */
const scratch = new DataView(new ArrayBuffer(8));

// What is being written or read. One message is done before the next begins, but for what a getter does.
let bytes = new Uint8Array(0);
let end = 0;

/** @param {Date} date */
function timestamp(date) {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new TypeError("An invalid date cannot be written as MessagePack.");
  const seconds = Math.floor(ms / 1000);
  const nanos = (ms - seconds * 1000) * 1e6;
  const high = Math.floor(seconds / HALF);
  const halves =
    high < 0 || high > 3 ? [nanos, high, seconds] : nanos || high ? [nanos * 4 + high, seconds] : [seconds];
  const view = new DataView(new ArrayBuffer(halves.length * 4));
  halves.forEach((half, index) => view.setUint32(index * 4, half));
  return new ExtData(TIMESTAMP, bytesOf(view));
}

/** Makes room for so many bytes. @param {number} count */
function room(count) {
  if (end + count <= bytes.length) return;
  const old = bytes;
  bytes = new Uint8Array(Math.max(end + count, end * 2) + 512);
  bytes.set(old);
}

/** @param {number} byte */
function put(byte) {
  room(1);
  bytes[end++] = byte;
}

/** @param {Uint8Array} data */
function append(data) {
  room(data.length);
  bytes.set(data, end);
  end += data.length;
}

/** A number in 1, 2, 4 or 8 bytes, behind the byte that says in how many. @param {number} head @param {number} number */
function sized(head, number, power = powerOf(number, 0)) {
  put(head + power);
  // What is negative is written as the unsigned number with the same bits.
  scratch.setUint32(0, Math.floor(number / HALF));
  scratch.setUint32(4, number);
  emit(1 << power);
}

/** The last bytes of what was taken apart. @param {number} count */
function emit(count) {
  for (let at = 8 - count; at < 8; at += 1) put(scratch.getUint8(at));
}

/** @param {number} number */
function integer(number) {
  if (number >= -32 && number < 128) put(number & 255);
  else if (number > 0) sized(0xcc, number);
  else sized(0xd0, number, powerOf((-1 - number) * 2, 0));
}

/** @param {number} length */
const textHead = (length) => (length < 32 ? put(0xa0 + length) : sized(0xd9, length));

/** @param {string} text */
function string(text) {
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

/** @param {ExtData} ext */
function extended({ type, data }) {
  const power = [1, 2, 4, 8, 16].indexOf(data.length);
  if (power < 0) sized(0xc7, data.length);
  else put(0xd4 + power);
  put(type & 255);
  append(data);
}

/** @param {any} item @param {number} depth */
function write(item, depth) {
  if (depth > MAX_DEPTH) throw new RangeError(`A message cannot nest more than ${MAX_DEPTH} levels deep.`);
  if (item === undefined || item === null) put(0xc0);
  else if (typeof item === "boolean") put(item ? 0xc3 : 0xc2);
  else if (typeof item === "number") {
    if (Number.isSafeInteger(item)) return integer(item);
    put(0xcb);
    scratch.setFloat64(0, item);
    emit(8);
  } else if (typeof item === "string") string(item);
  else if (typeof item !== "object") throw new TypeError(`A ${typeof item} cannot be written as MessagePack.`);
  else if (item instanceof Date) extended(timestamp(item));
  else if (item instanceof ExtData) extended(item);
  else if (item instanceof ArrayBuffer || ArrayBuffer.isView(item)) {
    const data = bytesOf(item);
    sized(0xc4, data.length);
    append(data);
  } else {
    const isList = Array.isArray(item);
    const keys = isList ? item : Object.keys(item);
    if (keys.length < 16) put((isList ? 0x90 : 0x80) + keys.length);
    else sized(isList ? 0xdb : 0xdd, keys.length, powerOf(keys.length, 1));
    for (const key of keys) {
      write(key, depth + 1);
      if (!isList) write(item[key], depth + 1);
    }
  }
}

/** @param {unknown} value @returns {Uint8Array<ArrayBuffer>} */
export function encode(value) {
  const outer = bytes;
  const start = end;
  [bytes, end] = [new Uint8Array(512), 0];
  try {
    write(value, 1);
    return bytes.subarray(0, end);
  } finally {
    [bytes, end] = [outer, start];
  }
}

/** Goes on by so many bytes; returns where they begin. @param {number} count */
function take(count) {
  const from = end;
  end += count;
  if (end > bytes.length) throw new RangeError("The message ends before it is complete.");
  return from;
}

/** @param {number} count */
const part = (count) => bytes.subarray(take(count), end);

/** A number of 1, 2, 4 or 8 bytes. @param {number} power @param {boolean} [signed] @returns {number} */
function number(power, signed) {
  if (power === 3) return number(2, signed) * HALF + number(2);
  let value = 0;
  for (let at = take(1 << power); at < end; at += 1) value = value * 256 + /** @type {number} */ bytes[at];
  const spare = 32 - (8 << power);
  return signed ? (value << spare) >> spare : value;
}

/** @param {number} power */
function float(power) {
  const from = take(1 << power);
  for (let at = from; at < end; at += 1) scratch.setUint8(at - from, /** @type {number} */ bytes[at]);
  return power === 2 ? scratch.getFloat32(0) : scratch.getFloat64(0);
}

/** @param {number} count */
const text = (count) => decoder.decode(part(count));

/** Plain names that came before: an app says the same ones over and over. @type {string[]} */
const names = [];

/** The name of a field. @param {number} count */
function name(count) {
  const from = take(count);
  let [slot, all, at] = [0, 0, from];
  for (; at < end; at += 1) {
    const byte = /** @type {number} */ bytes[at];
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

/** Nanoseconds and seconds of a timestamp in eight bytes. @param {number} high */
function wide(high) {
  if (Number.isNaN(high)) throw new RangeError("The message has a timestamp of a size that there is not.");
  return [high >>> 2, (high & 3) * HALF + number(2)];
}

/** @param {number} count */
function extension(count) {
  const type = number(0, true);
  if (type !== TIMESTAMP) return new ExtData(type, part(count));
  const [nanos, seconds] =
    count === 12 ? [number(2), number(3, true)] : count === 4 ? [0, number(2)] : wide(count === 8 ? number(2) : NaN);
  return new Date(seconds * 1000 + nanos / 1e6);
}

/** @param {number} count @param {number} depth */
function list(count, depth) {
  const items = [];
  while (count-- > 0) items.push(read(depth));
  return items;
}

/** @param {number} count @param {number} depth */
function map(count, depth) {
  /** @type {Record<string | number, any>} */
  const object = {};
  while (count-- > 0) {
    const head = /** @type {number} */ bytes[end];
    const key = head >= 0xa0 && head < 0xc0 ? name(number(0) & 31) : read(depth);
    if ((typeof key !== "string" && typeof key !== "number") || key === "__proto__")
      throw new TypeError("The message has a key that an object cannot have.");
    object[key] = read(depth);
  }
  return object;
}

/** @param {number} depth @returns {any} */
function read(depth) {
  if (depth > MAX_DEPTH) throw new RangeError(`The message nests more than ${MAX_DEPTH} levels deep.`);
  const head = /** @type {number} */ bytes[take(1)];
  if (head < 0x80) return head;
  if (head < 0x90) return map(head & 15, depth + 1);
  if (head < 0xa0) return list(head & 15, depth + 1);
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
  if (head < 0xde) return list(number(head - 0xdb), depth + 1);
  return map(number(head - 0xdd), depth + 1);
}

/** @param {ArrayBuffer | ArrayBufferView} data @returns {any} */
export function decode(data) {
  const [outer, start] = [bytes, end];
  [bytes, end] = [/** @type {Uint8Array<ArrayBuffer>} */ bytesOf(data), 0];
  try {
    const value = read(1);
    if (end < bytes.length) throw new RangeError("The message goes on after its end.");
    return value;
  } finally {
    // Nothing is held of a message that is done.
    [bytes, end] = [outer, start];
  }
}
