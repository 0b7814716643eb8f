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
  const [numbers, state, bytes] = core.places();
  buffer = now;
  words = new Float64Array(now, numbers, NUMBERS);
  stateBytes = new Uint8Array(now, state, bytes);
}

/** The numbers. */
export function numbers(): Float64Array {
  connect();
  return words;
}

const NAMES = OPTIONS.split(" ");

/** Sets the options of what is opened next. */
export function setOptions(options: CoreOptions) {
  for (const [name, given] of Object.entries(options)) {
    const place = NAMES.indexOf(name);
    for (const value of [(place < 0 ? undefined : given) ?? []].flat()) core.setOption(place, +value);
  }
}

/** Reads the rows of effects that the core has written: each under the names of its fields. */
export function readRows<Row extends { kind: number }>(count: number, fields: readonly string[]): Row[] {
  const words = numbers();
  const rows: Row[] = [];
  while (rows.length < count) {
    let place = 1 + rows.length * ROW_WORDS;
    const row: Record<string, number> = { kind: words[place] as number };
    for (const name of (fields[row.kind as number] as string).split(" ")) row[name] = words[++place] as number;
    rows.push(row as unknown as Row);
  }
  return rows;
}

/**
 * The state of one thing that is under way: bytes, kept here while the core handles another. So a trap in the core takes
 * along only what was being handled.
 */
export interface CoreState {
  bytes?: Uint8Array;
}

/** The one whose state is in the core. */
let current: CoreState | undefined;

/** Takes the state that is in the core out of it. The memory of an instance that is lost can still be read. */
export function leaveState() {
  if (current && buffer === core.memory()) current.bytes = stateBytes.slice();
  current = undefined;
}

/** What `open` leaves in the core. */
export function openState(open: () => void): CoreState {
  connect();
  leaveState();
  open();
  return (current = {});
}

/** Has a state in the core. */
export function enterState(state: CoreState) {
  connect();
  if (current === state) return;
  leaveState();
  if (state.bytes) stateBytes.set(state.bytes);
  current = state;
}
