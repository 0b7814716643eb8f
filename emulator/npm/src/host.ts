/** The model and the time it lives in: what waits for its clock, and is woken when something has changed. */

import { Emulator, initSync, new_key as newKey } from "#model";

import type { Command, EmulatorOptions } from "./types.d.ts";

/** As they are when this is loaded: a test may stop them later, and the emulator has a clock of its own. */
const { setTimeout, clearTimeout, performance } = globalThis;
const now = performance.now.bind(performance);

/** The longest time a timer takes. */
const LONGEST_TIMER = 2 ** 31 - 1;

let compiled: WebAssembly.Module | undefined;

/** Milliseconds since 1970; never runs backwards. */
const real = (): number => Math.floor(performance.timeOrigin + now());

/** One model. Every call of it passes through here, so that it sees the time run forwards only. */
export class Host {
  readonly model: Emulator;
  readonly key: string | undefined;
  readonly seed: number;
  /** By what each of those who wait waits for. */
  readonly #waiting = new Map<() => void, number | undefined>();
  /** Told when somebody begins to wait. */
  onWait: (() => void) | undefined;

  constructor(
    wasm: WebAssembly.Module,
    { keys, logins = [], seed, settings = {} }: EmulatorOptions,
    publicUrl: string,
    peers?: object,
  ) {
    if (compiled !== wasm) initSync({ module: (compiled = wasm) });
    this.seed = seed ?? Math.floor(Math.random() * 2 ** 53);
    this.key = keys === undefined ? newKey(this.seed) : undefined;
    const known = JSON.stringify(keys ?? [{ key: this.key }]);
    try {
      const [more, able, start] = [logins, peers, settings].map((it) => (it === undefined ? "" : JSON.stringify(it)));
      this.model = new Emulator(this.seed, publicUrl, known, more!, able!, start!, real());
    } catch (error) {
      throw new TypeError(`fal-emulator: ${String(error)}`);
    }
  }

  real = real;

  /** The time of the emulator. */
  now(): number {
    return this.model.now(real());
  }

  /** Carries out a command of `/__control`. Throws what is wrong with it; nothing has been done then. */
  command(command: Command): void {
    try {
      this.model.command(real(), JSON.stringify(command));
    } catch (error) {
      throw new TypeError(`fal-emulator: ${String(error)}`);
    }
    this.notify();
  }

  /** What happened, and how everything is set. */
  report(): any {
    return JSON.parse(this.model.report(real()));
  }

  /** Waits until the clock shows `until`, something changes, or nobody cares any more. */
  wait(until: number | undefined, signal?: AbortSignal): Promise<void> {
    return new Promise((done) => {
      const left = until === undefined ? undefined : this.model.wait(real(), until);
      if (left === 0 || signal?.aborted) return done();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const finish = () => {
        clearTimeout(timer);
        this.#waiting.delete(finish);
        signal?.removeEventListener("abort", finish);
        done();
      };
      if (left !== undefined) timer = setTimeout(finish, Math.min(left, LONGEST_TIMER));
      this.#waiting.set(finish, until);
      signal?.addEventListener("abort", finish);
      this.onWait?.();
    });
  }

  /** Waits until the clock shows `until`, or nobody cares any more. */
  async reach(until: number, signal?: AbortSignal): Promise<void> {
    while (this.now() < until && !signal?.aborted) await this.wait(until, signal);
  }

  /** What is waited for next; undefined: for nothing with a time. */
  next(): number | undefined {
    const times = [...this.#waiting.values()].filter((time) => time !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Wakes everybody who waits: something has changed that they may care about. */
  notify(): void {
    for (const wake of [...this.#waiting.keys()]) wake();
  }
}
