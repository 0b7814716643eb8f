/** The memory that is shared with the core: numbers, and the state of whatever is being handled. */

import * as core from "#core";
import { OPTIONS, ROW_WORDS, type CoreOptions as Options } from "./wire.ts";

/** Options of an operation. */
export type CoreOptions = Omit<Options, "status"> & { status?: number[] | undefined };

/** How many numbers fit (wasm/src/memory.rs). */
const NUMBERS = 1_024;

let buffer: ArrayBuffer | undefined;
let stateBytes: Uint8Array;
/** Numbers, both ways. */
let words: Float64Array;

/** The memory moves when it grows, and when the core is instantiated anew. */
function connect() {
  const now = core.memory();
  if (buffer === now) return;
  buffer = now;
  words = new Float64Array(now, core.numbersPlace(), NUMBERS);
  stateBytes = new Uint8Array(now, core.statePlace(), core.stateBytes());
}

/** The numbers. */
export function numbers(): Float64Array {
  connect();
  return words;
}

/** Sets the options of what is opened next. */
export function setOptions(options: CoreOptions) {
  OPTIONS.split(" ").forEach((name, place) => {
    for (const value of [options[name as keyof CoreOptions]].flat()) {
      const number = Number(value ?? NaN);
      if (!Number.isNaN(number)) core.setOption(place, number);
    }
  });
}

/** Reads the rows of effects that the core has written: each under the names of its fields. */
export function readRows<Row extends { kind: number }>(count: number, fields: readonly string[]): Row[] {
  const words = numbers();
  return Array.from({ length: count }, (_, index) => {
    let place = 1 + index * ROW_WORDS;
    const row: Record<string, number> = { kind: words[place] as number };
    for (const name of (fields[row.kind as number] as string).split(" ")) row[name] = words[++place] as number;
    return row as unknown as Row;
  });
}

/**
 * The state of one thing that is under way: bytes, kept here while the core handles another. So a trap in the core takes
 * along only what was being handled.
 */
export class CoreState {
  #bytes: Uint8Array | undefined;

  /** The one whose state is in the core. */
  static #current: CoreState | undefined;

  /** Opens it: `open` leaves a state in the core. */
  constructor(open: () => void) {
    connect();
    CoreState.save();
    CoreState.#current = undefined;
    open();
    CoreState.#current = this;
  }

  /** Has the state in the core. */
  enter() {
    connect();
    if (CoreState.#current === this) return;
    CoreState.save();
    if (this.#bytes) stateBytes.set(this.#bytes);
    CoreState.#current = this;
  }

  /** Takes the state that is in the core out of it. */
  static save() {
    if (CoreState.#current && buffer === core.memory()) CoreState.#current.#bytes = stateBytes.slice();
  }

  /** The core is lost, and a fresh one has no state. */
  static reset() {
    CoreState.#current = undefined;
  }
}
