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

/** The method of a view for numbers of this size. @param {any} view @param {"get" | "set"} verb @param {"Int" | "Uint"} type @param {number} power */
const accessor = (view, verb, type, power) => view[`${verb}${type}${8 << power}`].bind(view);

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

/** @param {unknown} value @returns {Uint8Array<ArrayBuffer>} */
export function encode(value) {
  let bytes = new Uint8Array(512);
  let view = new DataView(bytes.buffer);
  let end = 0;

  /** Makes room for so many bytes; returns where they begin. @param {number} count */
  const room = (count) => {
    const from = end;
    end += count;
    if (end > bytes.length) {
      const old = bytes;
      bytes = new Uint8Array(end * 2);
      bytes.set(old);
      view = new DataView(bytes.buffer);
    }
    return from;
  };
  /** @param {number} byte */
  const put = (byte) => {
    const at = room(1);
    bytes[at] = byte;
  };
  /** @param {Uint8Array} data */
  const append = (data) => {
    const at = room(data.length);
    bytes.set(data, at);
  };
  /** A number in 1, 2, 4 or 8 bytes, behind the byte that says in how many. @param {number} head @param {number} number */
  const sized = (head, number, power = powerOf(number, 0)) => {
    put(head + power);
    const at = room(1 << power);
    // What is negative is written as the unsigned number with the same bits.
    if (power === 3) {
      view.setUint32(at, Math.floor(number / HALF));
      view.setUint32(at + 4, number);
    } else accessor(view, "set", "Uint", power)(at, number);
  };
  /** @param {number} number */
  const integer = (number) => {
    if (number >= -32 && number < 128) put(number & 255);
    else if (number > 0) sized(0xcc, number);
    else sized(0xd0, number, powerOf((-1 - number) * 2, 0));
  };
  /** @param {ExtData} ext */
  const extension = ({ type, data }) => {
    const power = [1, 2, 4, 8, 16].indexOf(data.length);
    if (power < 0) sized(0xc7, data.length);
    else put(0xd4 + power);
    put(type & 255);
    append(data);
  };
  /** @param {any} item @param {number} depth */
  const write = (item, depth) => {
    if (depth > MAX_DEPTH) throw new RangeError(`A message cannot nest more than ${MAX_DEPTH} levels deep.`);
    if (item === undefined || item === null) put(0xc0);
    else if (typeof item === "boolean") put(item ? 0xc3 : 0xc2);
    else if (typeof item === "number") {
      if (Number.isSafeInteger(item)) return integer(item);
      put(0xcb);
      const at = room(8);
      view.setFloat64(at, item);
    } else if (typeof item === "string") {
      const data = encoder.encode(item);
      if (data.length < 32) put(0xa0 + data.length);
      else sized(0xd9, data.length);
      append(data);
    } else if (typeof item !== "object") throw new TypeError(`A ${typeof item} cannot be written as MessagePack.`);
    else if (item instanceof Date) extension(timestamp(item));
    else if (item instanceof ExtData) extension(item);
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
  };
  write(value, 1);
  return bytes.slice(0, end);
}

/** @param {ArrayBuffer | ArrayBufferView} data @returns {any} */
export function decode(data) {
  const bytes = bytesOf(data);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = 0;

  /** Goes on by so many bytes; returns where they begin. @param {number} count */
  const take = (count) => {
    const from = end;
    end += count;
    if (end > bytes.length) throw new RangeError("The message ends before it is complete.");
    return from;
  };
  /** @param {number} count */
  const part = (count) => {
    const from = take(count);
    return bytes.subarray(from, end);
  };
  /** A number of 1, 2, 4 or 8 bytes. @param {number} power @param {"Int" | "Uint"} type @returns {number} */
  const number = (power, type = "Uint") =>
    power === 3 ? number(2, type) * HALF + number(2) : accessor(view, "get", type, power)(take(1 << power));
  /** @param {number} count */
  const extension = (count) => {
    const type = number(0, "Int");
    if (type !== TIMESTAMP) return new ExtData(type, part(count));
    const [nanos, seconds] =
      count === 12 ? [number(2), number(3, "Int")] : count === 4 ? [0, number(2)] : wide(count === 8 ? number(2) : NaN);
    return new Date(seconds * 1000 + nanos / 1e6);
  };
  /** Nanoseconds and seconds of a timestamp in eight bytes. @param {number} high */
  const wide = (high) => {
    if (Number.isNaN(high)) throw new RangeError("The message has a timestamp of a size that there is not.");
    return [high >>> 2, (high & 3) * HALF + number(2)];
  };
  /** @param {number} count @param {number} depth */
  const list = (count, depth) => {
    const items = [];
    while (count-- > 0) items.push(read(depth));
    return items;
  };
  /** @param {number} count @param {number} depth */
  const map = (count, depth) => {
    /** @type {Record<string | number, any>} */
    const object = {};
    while (count-- > 0) {
      const key = read(depth);
      if ((typeof key !== "string" && typeof key !== "number") || key === "__proto__")
        throw new TypeError("The message has a key that an object cannot have.");
      object[key] = read(depth);
    }
    return object;
  };
  /** @param {number} depth @returns {any} */
  const read = (depth) => {
    if (depth > MAX_DEPTH) throw new RangeError(`The message nests more than ${MAX_DEPTH} levels deep.`);
    const head = number(0);
    if (head < 0x80) return head;
    if (head < 0x90) return map(head & 15, depth + 1);
    if (head < 0xa0) return list(head & 15, depth + 1);
    if (head < 0xc0) return decoder.decode(part(head & 31));
    if (head >= 0xe0) return head - 0x100;
    if (head === 0xc0) return null;
    if (head === 0xc1) throw new TypeError("The message is not MessagePack.");
    if (head < 0xc4) return head === 0xc3;
    if (head < 0xc7) return part(number(head - 0xc4));
    if (head < 0xca) return extension(number(head - 0xc7));
    if (head === 0xca) return view.getFloat32(take(4));
    if (head === 0xcb) return view.getFloat64(take(8));
    if (head < 0xd0) return number(head - 0xcc);
    if (head < 0xd4) return number(head - 0xd0, "Int");
    if (head < 0xd9) return extension(1 << (head - 0xd4));
    if (head < 0xdc) return decoder.decode(part(number(head - 0xd9)));
    if (head < 0xde) return list(number(head - 0xdb), depth + 1);
    return map(number(head - 0xdd), depth + 1);
  };
  const value = read(1);
  if (end < bytes.length) throw new RangeError("The message goes on after its end.");
  return value;
}
